"""Mail: what it says (`letters`) and how it leaves (`smtp`)."""
