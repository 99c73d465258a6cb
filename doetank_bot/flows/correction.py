"""Edits and deletions: what is kept follows the chat. Nothing is ever carried out again because of them."""

from doetank_bot.domain.contribution import Audience, Contribution, Status
from doetank_bot.domain.effect import NOTHING, Effect, Forget, Outcome, Rewrite, Say
from doetank_bot.domain.group import Language, Member
from doetank_bot.domain.hygiene import is_blank
from doetank_bot.domain.personal_data import LABELS_EN, LABELS_NL
from doetank_bot.domain.progress import OWNER, STATUS
from doetank_bot.domain.reference import Room
from doetank_bot.flows import personal
from doetank_bot.ports import MessageEdited

_LABELS = frozenset((*LABELS_EN.values(), *LABELS_NL.values()))


def edited(contribution: Contribution, editor: Member | None, text: str, *, erases: bool = False) -> Outcome:
    """Follow an author's edit; `text` is the new words, cleaned and masked (of a command: its `own_words`).

    Someone else's edit is ignored. Words that are all gone are a deletion. When masked personal data went out, or
    its author deleted the words before (`erases`), every copy is posted anew: an edit would leave them readable.
    """
    if contribution.status is Status.WITHDRAWN or editor is None or editor.id != contribution.author:
        return NOTHING
    if is_blank(text):
        return Outcome((Forget(contribution.number),))
    if text == contribution.text:
        return NOTHING
    gone = erases or any(label in contribution.text and label not in text for label in _LABELS)
    return Outcome((Rewrite(contribution.number, text, erases=gone),))


def told(change: MessageEdited, language: Language) -> tuple[Effect, ...]:
    """Return the line that says what was left out of an edit; none when nothing was."""
    if not change.found:
        return ()
    what = personal.names(change.found, language)
    place = Room(change.target.space)
    return (Say(place, "capture.edit_masked", {"what": what}, reply_to=change.target),)


def was_bare(contribution: Contribution) -> bool:
    """Whether it may have come by a command without a prefix: given in private, and not as an answer to something."""
    return contribution.audience is Audience.PRIVATE and not is_answer(contribution)


def is_answer(contribution: Contribution) -> bool:
    """Whether it was given as an answer to something, not by a command."""
    is_about_card = contribution.part_of is not None and contribution.field not in {STATUS, OWNER}
    return contribution.prompted_by is not None or is_about_card


def deleted(contribution: Contribution) -> Outcome:
    """Follow a deletion: the text leaves the store, and every post that quoted it goes or comes back without it."""
    if contribution.status is Status.WITHDRAWN:
        return NOTHING
    return Outcome((Forget(contribution.number),))
