"""The enumerations of the domain as those of the API. Invariant: each is named before any type that uses it is made."""

import strawberry

from subgraphs.task.domain.changes import ChangeKind
from subgraphs.task.domain.projects import ProjectState, StatusCategory, Visibility
from subgraphs.task.domain.queries import SortField
from subgraphs.task.domain.tasks import Priority

__all__ = ["ChangeKind", "Priority", "ProjectState", "SortField", "StatusCategory", "Visibility"]

strawberry.enum(Priority, description="How urgent a task is.")
strawberry.enum(StatusCategory, description="What a workflow state means, whatever people call it.")
strawberry.enum(ChangeKind, description="What happened to a task.")
strawberry.enum(Visibility, name="ProjectVisibility", description="Who sees a project.")
strawberry.enum(ProjectState, description="Where a project stands in its life.")
strawberry.enum(SortField, name="TaskSortField", description="By what tasks are sorted; equal ones by their age.")
