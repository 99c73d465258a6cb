"""What the rehearsal itself says to whoever types, in both languages. What Doebot says is in the catalogues."""

from doetank_bot.demo.cast import Words

ROOM = Words("Parkeren zonder papierwinkel", "Parking without paperwork")
TITLE = Words("Oefenen met Doebot", "Rehearse with Doebot")
OPENING = Words(
    "Jij typt wat de mensen van een Doetank zeggen. Doebot antwoordt echt. De klok staat stil tot jij hem vooruitzet.",
    "You type what the people of a do tank say. Doebot really answers. The clock stands still until you move it.",
)
BEGIN = Words(
    """\
Begin zo:
  maaike: !ronde start         Maaike zegt iets in de ruimte
  bas> Ik belde een bewoner    Bas antwoordt in de draad van de laatste vraag
  joke~ !mijn                  Joke zegt iets tegen Doebot alleen
  /verder                      de klok gaat vooruit tot Doebot weer iets doet
  /naar vrijdag 14:00          of tot dat moment; /+2d is twee dagen later
Zonder naam ervoor zegt dezelfde persoon het, op dezelfde plek.
Meer: /hulp. Ophouden: /stop.""",
    """\
Begin like this:
  maaike: !cycle start         Maaike says something in the room
  bas> I rang a resident       Bas answers in the thread of the last question
  joke~ !my                    Joke says something to Doebot alone
  /next                        the clock moves on until Doebot does something
  /to friday 14:00             or to that moment; /+2d is two days later
Without a name before it, the same person says it, in the same place.
More: /help. To end: /quit.""",
)
HELP = Words(
    """\
maaike: tekst      in de ruimte; maaike:(7) tekst antwoordt op bericht 7
bas> tekst         in de draad van de laatste vraag; bas>(7) in die van bericht 7
bas>> tekst        in de draad waar Bas het laatst was
joke~ tekst        tegen Doebot alleen
joke*(7) tekst     Joke verandert haar bericht 7; zonder (7) het laatste
joke!(7)           Joke verwijdert haar bericht 7; zonder (7) het laatste
ahmed+             Ahmed komt in de ruimte, ook als hij nieuw is
tekst              dezelfde persoon, op dezelfde plek
(tekst)            iets wat buiten de chat gebeurt
/verder            tot Doebot weer iets doet
/naar 12 februari 14:00, /naar vrijdag, /naar 16:30, /+2d, /+3u, /+1w
/wie, /hulp, /stop
Het nummer van een bericht staat achter de naam. Woorden eruit mogen ook: (bon).""",
    """\
maaike: text       in the room; maaike:(7) text replies to message 7
bas> text          in the thread of the last question; bas>(7) in that of message 7
bas>> text         in the thread where Bas was last
joke~ text         to Doebot alone
joke*(7) text      Joke changes her message 7; without (7) the last one
joke!(7)           Joke deletes her message 7; without (7) the last one
ahmed+             Ahmed comes into the room, also when he is new
text               the same person, in the same place
(text)             something that happens outside the chat
/next              until Doebot does something
/to 12 february 14:00, /to friday, /to 16:30, /+2d, /+3h, /+1w
/who, /help, /quit
The number of a message stands behind the name. Words in it do as well: (fine).""",
)
IN_ROOM = Words("In de ruimte: {people}.", "In the room: {people}.")
OUTSIDE = Words("Niet in de ruimte: {people}.", "Not in the room: {people}.")

ONLY_FOR = Words("alleen {who} ziet dit", "only {who} sees this")
EACH_APART = Words("privé, aan ieder apart: {who}", "in private, to each: {who}")
IN_THREAD = Words("draad ({number})", "thread ({number})")
EDITED = Words("✎ {name} verandert bericht ({number}):", "✎ {name} changes message ({number}):")
NEW_LINE = Words("  {line}", "  {line}")
LOST_LINE = Words("  weg: {line}", "  gone: {line}")
DELETED = Words("✗ Weg: bericht ({number}) van {name}, {text}", "✗ Gone: message ({number}) by {name}, {text}")
SIGNED = Words("{sign} {name}", "{sign} {name}")
SIGNED_EARLIER = Words("{sign} {name}, bij bericht ({number})", "{sign} {name}, at message ({number})")
PICTURE = Words("[plaatje] {text}", "[picture] {text}")
CAME_IN = Words("{name} komt in de ruimte", "{name} comes into the room")
NOW_IT_IS = Words("Het is nu {moment}.", "It is {moment} now.")

NOTHING_PLANNED = Words(
    "Er staat niets gepland. Een ronde begint met: maaike: !ronde start",
    "Nothing is planned. A cycle begins with: maaike: !cycle start",
)
BACKWARD = Words(
    "De klok gaat niet terug: het is al {moment}. Noem een later moment, of begin opnieuw met --from.",
    "The clock does not go back: it is {moment} already. Name a later moment, or start again with --from.",
)
HOW_TO = Words(
    "Welk moment? Zo kan het: /naar vrijdag 14:00, /naar 12 februari, /naar 2027-02-12 14:00, /naar 16:30",
    "Which moment? Like this: /to friday 14:00, /to 12 february, /to 2027-02-12 14:00, /to 16:30",
)
HOW_AFTER = Words(
    "Hoeveel later? Zo kan het: /+30m, /+3u, /+2d, /+1w. Hooguit vier weken; verder weg met /naar en een datum.",
    "How much later? Like this: /+30m, /+3h, /+2d, /+1w. At most four weeks; farther away with /to and a date.",
)
HOW_ORDER = Words(
    "{typed} ken ik niet. Wel: /verder, /naar …, /+2d, /wie, /hulp, /stop. Voor de chat: zet er een naam voor.",
    "I do not know {typed}. There is: /next, /to …, /+2d, /who, /help, /quit. For the chat: put a name before it.",
)
HOW_DELETE = Words(
    "Verwijderen gaat zo: {name}!(7) of {name}!, zonder tekst. Is dit iets om te zeggen? Zo: maaike: …",
    "Deleting goes like this: {name}!(7) or {name}!, without text. Is this to be said? Like this: maaike: …",
)
NO_TEXT = Words(
    "Er staat niets achter {name}{sign}. Zo kan het: {name}{sign} tekst",
    "Nothing follows {name}{sign}. Like this: {name}{sign} text",
)
STRANGER = Words(
    "{name} is hier niet. Met {name}+ komt die erbij. Is dit iets om te zeggen? Zo: maaike: …",
    "{name} is not here. {name}+ lets them come in. Is this to be said? Like this: maaike: …",
)
IS_BOT = Words(
    "Doebot spreekt zelf. Zet de klok vooruit met /verder.",
    "Doebot speaks for itself. Move the clock with /next.",
)
NOT_IN_ROOM = Words(
    "{name} zit niet in de ruimte. Met {name}+ komt die erbij; {name}~ spreekt Doebot alleen.",
    "{name} is not in the room. {name}+ lets them come in; {name}~ speaks to Doebot alone.",
)
ALREADY_IN = Words("{name} is er al.", "{name} is there already.")
NO_QUESTION = Words(
    "Er is nog geen vraag aan de groep. Zet de klok vooruit met /verder, of noem een bericht: {name}>(7) tekst",
    "There is no question to the group yet. Move the clock with /next, or name a message: {name}>(7) text",
)
NO_THREAD = Words(
    "{name} was nog in geen draad. Noem een bericht: {name}>(7) tekst",
    "{name} was in no thread yet. Name a message: {name}>(7) text",
)
NO_SUCH_MESSAGE = Words(
    "Bericht ({about}) is daar niet. Het nummer van een bericht staat achter de naam.",
    "Message ({about}) is not there. The number of a message stands behind the name.",
)
NOT_OWN = Words(
    "Bericht ({about}) is niet van {name}. Alleen wie het schreef, kan het veranderen of verwijderen.",
    "Message ({about}) is not by {name}. Only who wrote it can change or delete it.",
)
NOTHING_SAID = Words("{name} zei nog niets.", "{name} said nothing yet.")
TOO_LONG = Words(
    "Die regel is langer dan {most} tekens, en is niet gezegd. Maak hem korter.",
    "That line is longer than {most} characters, and was not said. Make it shorter.",
)
TOO_MANY = Words("Meer dan {most} mensen kunnen niet meedoen.", "No more than {most} people can take part.")
