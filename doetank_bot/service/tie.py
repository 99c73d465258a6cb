"""What a message is tied to, as the router wants to know it."""

from dataclasses import replace

from doetank_bot.domain.effect import Purpose
from doetank_bot.domain.reference import Thread
from doetank_bot.domain.view import Post, Rules, Scene
from doetank_bot.flows.series import names
from doetank_bot.ports import MessageReceived, Views
from doetank_bot.service.router import Tie


async def tied(views: Views, message: MessageReceived, scene: Scene, rules: Rules) -> tuple[Tie, Scene]:
    """Return what the message is tied to, and the scene: in the thread of our line that it replies to, if any."""
    flow = await views.flow(scene.place, message.sender)
    anchor = message.reply_to or message.thread
    post = await views.post_at(anchor) if anchor else None
    root = message.thread or (post.root if post else None) or message.reply_to
    if root is not None and root != anchor and not _is_prompt(post):
        above = await views.post_at(root)
        post = above if post is None or _is_prompt(above) else post
    if flow is None and root is not None and message.thread is None:
        flow = await views.flow(Thread(root), message.sender)
        scene = replace(scene, place=Thread(root)) if flow else scene
    if post is not None and _is_prompt(post) and _is_series(post, scene, rules):
        post = await views.last_prompt_under(post.root or post.message or message.ref) or post
    return Tie(flow, post, scene.is_private), scene


def _is_series(post: Post, scene: Scene, rules: Rules) -> bool:
    """Whether other questions come in the thread of that prompt, or it is about a card."""
    pack = rules.packs.get(scene.cycle.pack) if scene.cycle else None
    prompt = pack.prompts.get(post.about.prompt or "") if pack else None
    if pack is None or prompt is None:
        return False
    return prompt.then is not None or prompt.is_about_experiment or post.about.prompt in names(pack)


def _is_prompt(post: Post | None) -> bool:
    return post is not None and post.about.purpose is Purpose.PROMPT
