"""What may be changed of the members' words. The words to search for follow in the same transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update

from doetank_bot.domain.contribution import Audience, NewContribution, Status
from doetank_bot.domain.reference import MessageRef, SpaceRef
from doetank_bot.domain.search import words_of
from doetank_bot.store.contribution import ContributionViews
from doetank_bot.store.inbox import blank_set_aside
from doetank_bot.store.tables import contributions, search_words
from doetank_bot.store.transaction import Stale, Values


class ContributionWork(ContributionViews):
    """Contributions, to change."""

    async def record(self, contribution: NewContribution, now: datetime) -> None:
        """Keep a contribution. Raises IntegrityError when its number is taken or its author is another group's."""
        await self._run(
            insert(contributions),
            {
                "group_id": self._group,
                "number": contribution.number,
                "kind": contribution.kind,
                "text": contribution.text,
                "author_id": contribution.author,
                "audience": contribution.audience,
                "status": contribution.status,
                "account": contribution.source.space.account,
                "source_space": contribution.source.space.native,
                "source_native": contribution.source.native,
                "cycle_id": contribution.cycle,
                "part_of": contribution.part_of,
                "field": contribution.field,
                "prompted_by": contribution.prompted_by,
                "shown_as": contribution.shown_as,
                "created_at": now,
            },
        )
        await self._make_findable(contribution.number, contribution.text)

    async def rewrite(self, number: int, text: str, now: datetime) -> None:
        """Give a contribution its author's new text. Raises Stale when it is withdrawn or not there."""
        await self._change(number, {"text": text, "edited_at": now})
        await self._unfindable(number)
        await self._make_findable(number, text)
        self._marks.is_erasing = True

    async def forget(self, number: int, now: datetime) -> None:
        """Take a contribution's words out of the store for good. Raises Stale when it is withdrawn or not there."""
        row = await self._change(number, {"text": "", "status": Status.WITHDRAWN, "edited_at": now})
        await self._unfindable(number)
        source = MessageRef(SpaceRef(row.account, row.source_space), row.source_native)
        await self._run(blank_set_aside([source]))
        self._marks.is_erasing = True

    async def reclassify(
        self,
        number: int,
        audience: Audience | None,
        status: Status | None,
        shown_as: str | None,
        shared_at: datetime | None = None,
    ) -> None:
        """Change who may see a contribution, since when, its status, or the name shown; None leaves that as it is.

        Raises Stale when it is withdrawn or not there, ValueError when it is to be withdrawn: that is `forget`.
        """
        if status is Status.WITHDRAWN:
            raise ValueError("words are withdrawn by forgetting them")
        values = {"audience": audience, "status": status, "shown_as": shown_as, "shared_at": shared_at}
        changes = {name: value for name, value in values.items() if value is not None}
        if changes:
            await self._change(number, changes)

    async def _change(self, number: int, values: Values) -> Any:
        result = await self._run(
            update(contributions)
            .where(
                contributions.c.group_id == self._group,
                contributions.c.number == number,
                contributions.c.status != Status.WITHDRAWN,
            )
            .values(values)
            .returning(contributions.c.account, contributions.c.source_space, contributions.c.source_native)
        )
        row = result.first()
        if row is None:
            raise Stale(f"contribution {number} is withdrawn or not there")
        return row

    async def _make_findable(self, number: int, text: str) -> None:
        rows = [{"group_id": self._group, "word": word, "number": number} for word in words_of(text)]
        if rows:
            await self._run(insert(search_words), rows)

    async def _unfindable(self, number: int) -> None:
        await self._run(
            delete(search_words).where(search_words.c.group_id == self._group, search_words.c.number == number)
        )
