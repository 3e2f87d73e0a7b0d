"""Use cases of labels. Whoever may change tasks may make labels; the project's lead changes and deletes them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from uuid import UUID

from kit.clock import Clock
from proto.permissions import Permission
from subgraphs.task.domain.labels import (
    MOST_LABELS,
    Label,
    LabelPatch,
    check_label_version,
    new_label,
    revise_label,
)
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.projects import ensure_open, may_update
from subgraphs.task.errors import forbidden, invalid, not_found
from subgraphs.task.service.memberships import Viewer, require
from subgraphs.task.service.ports import Store, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What can be done with labels."""

    store: Store
    clock: Clock
    new_id: Callable[[], UUID]

    async def create(self, viewer: Viewer, project_id: UUID, *, name: str, color: str) -> Label:
        """A new label of the project.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, EXISTS, invalid, PROJECT_ARCHIVED, PROJECT_DELETED.
        """

        async def run(caller: Caller) -> Label:
            async with self.store.write(caller) as work:
                project = await work.projects.lock(project_id)
                if project is None:
                    raise not_found("project")
                require(caller, Permission.TASK_UPDATE, project.workspace_id)
                ensure_open(project)
                if len((await work.labels.of_projects([project_id]))[project_id]) >= MOST_LABELS:
                    raise invalid("name", f"A project has at most {MOST_LABELS} labels")
                label = new_label(
                    label_id=self.new_id(),
                    workspace_id=project.workspace_id,
                    project_id=project.id,
                    name=name,
                    color=color,
                )
                await work.labels.add(label)
                return await work.answer(label)

        return await viewer.attempt(run)

    async def update(
        self, viewer: Viewer, label_id: UUID, patch: LabelPatch, *, expected_version: int | None = None
    ) -> Label:
        """The label after the patch.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, EXISTS, VERSION_CONFLICT, invalid, PROJECT_ARCHIVED, PROJECT_DELETED.
        """

        async def run(caller: Caller) -> Label:
            async with self.store.write(caller) as work:
                label = await self._for_change(work, caller, label_id)
                revised = revise_label(label, patch, expected=expected_version)
                if revised is not label:
                    await work.labels.save(revised)
                return await work.answer(revised)

        return await viewer.attempt(run)

    async def delete(self, viewer: Viewer, label_id: UUID, *, expected_version: int | None = None) -> Label:
        """The label, which no task shows any more.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, PROJECT_ARCHIVED, PROJECT_DELETED.
        """

        async def run(caller: Caller) -> Label:
            async with self.store.write(caller) as work:
                label = await self._for_change(work, caller, label_id)
                check_label_version(label, expected_version, LabelPatch())
                gone = replace(label, deleted_at=self.clock.now(), version=label.version + 1)
                await work.labels.save(gone)
                return await work.answer(gone)

        return await viewer.attempt(run)

    @staticmethod
    async def _for_change(work: Work, caller: Caller, label_id: UUID) -> Label:
        label = await work.labels.lock(label_id)
        if label is None or label.deleted_at is not None:
            raise not_found("label")
        project = (await work.projects.find([label.project_id]))[label.project_id]
        if not may_update(caller, project):
            raise forbidden(Permission.PROJECT_UPDATE)
        ensure_open(project)
        return label

    async def of_projects(self, viewer: Viewer, ids: Collection[UUID]) -> dict[UUID, tuple[Label, ...]]:
        """The labels of each project, by name."""
        async with self.store.read(viewer.caller) as work:
            return await work.labels.of_projects(ids)
