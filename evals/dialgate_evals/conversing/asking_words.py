"""Words by which agents ask and users agree, in a few languages; folded text is looked at.

Each is a regular expression without repetitions inside of repetitions. English first, then German,
French, Spanish and Italian.
"""

from __future__ import annotations

import re


def _any_of(*words: str) -> re.Pattern[str]:
    return re.compile(r"(?:\b|(?<=\())(?:" + "|".join(words) + ")")


_GIVE = (
    "provide|tell|confirm|share|send|give|specify|enter|reply|type|state|choose|select|answer"
    "|respond|describe|clarify|verify|let me know|indicate|supply|include|say"
)

QUESTION_MARK = re.compile(r"[?？؟;](?:[\"'”’»)\]*_`\s]|$)")

REQUEST = _any_of(
    rf"please (?:{_GIVE})",
    rf"^(?:{_GIVE}) (?:me|us|your|whether|which|what|when|where|who|how)",
    "(?:could|can|would|will|may) (?:you|i|we) (?:please |kindly |also |just )*"
    rf"(?:{_GIVE}|have|know|ask)",
    "let me know (?:which|what|when|where|who|whether|how|your|the"
    "|if you (?:would|want|agree|confirm|are ok))",
    "i(?:'ll| will|'d)? (?:also |still |first )?(?:need|require|want)"
    " (?:you to|your|to (?:know|confirm|verify|have)|the |a |an |some |more )",
    "(?:may|can) i (?:have|ask|know|get)",
    "to proceed,? (?:i|we) (?:need|require)",
    r"(?<=\()(?:yes ?/ ?no|y ?/ ?n)\)",
    r"bitte (?:\w+ ){0,4}(?:nennen|geben|teilen|bestätigen|senden|schicken|sagen|wählen)",
    "(?:nennen|geben|teilen|bestätigen|senden|sagen) sie",
    "(?:veuillez|merci de|pourriez-vous|pouvez-vous)",
    r"(?:por favor|indíqueme|indique|confirme|podría|puede decirme)\b",
    r"(?:per favore|può|potrebbe|mi dica|confermi)\b",
)

CLOSING = _any_of(
    "(?:any|some)thing (?:else|more|further)",
    "how else (?:can|may)",
    "what else can",
    "(?:any )?(?:other|further|more|additional) (?:questions?|help|assistance|concerns?)",
    "let me know if (?:you (?:need|have|require|ever|'d like (?:any|more|further))"
    "|there(?:'s| is) any)",
    "if you (?:need|have|require) (?:any|more|further|other|anything)",
    "feel free to",
    "don'?t hesitate",
    r"(?:can|may|could) i (?:help|assist|do)\b.{0,40} (?:else|more|further)\b",
    "sonst noch|noch etwas|weitere fragen",
    "autre chose|d'autres questions",
    "algo más|otra cosa",
    "qualcos'altro|altre domande",
)

_DO = "go|proceed|continue|make|do|book|cancel|refund|change|send"

WANTS_A_YES = _any_of(
    "do you (?:confirm|want|wish|agree|approve)",
    "would you like",
    "shall (?:i|we)|should (?:i|we)",
    rf"(?:may|can) (?:i|we) (?:{_DO})",
    r"is (?:this|that|it|everything|the above|all(?: of)? (?:this|that))(?: \w+){0,3}"
    " (?:correct|right|ok|okay|fine|accurate)",
    "are you (?:sure|ok|okay|happy)",
    "confirm (?:that|this|the|if|whether|you|to|with)|please confirm",
    r"want to (?:proceed|continue|go ahead)|(?:proceed|continue|go ahead)\b",
    r"(?<=\()(?:yes ?/ ?no|y ?/ ?n)\)",
    "möchten sie|soll ich|sind sie sicher|ist das (?:richtig|korrekt)",
    "voulez-vous|souhaitez-vous|est-ce (?:correct|exact)",
    "desea|quiere que|es correcto",
    "vuole|desidera|è corretto",
)

ASKS_FOR_A_VALUE = _any_of(
    r"(?:what|which|when|where|who|how (?:much|many))\b",
    r"(?:provide|tell me|share|send me|give me|enter|have your)\b",
)

YES = _any_of(
    r"(?:yes|yep|yeah|yup|sure|ok|okay|correct|right|confirm(?:ed)?|agreed?|go ahead|please do)\b",
    r"(?:do it|do so|proceed|absolutely|of course|fine|sounds good|that works)\b",
    r"(?:ja|genau|stimmt|richtig|gerne?)\b",
    r"(?:oui|d'accord)\b",
    r"(?:sí|si|claro|correcto|de acuerdo)\b",
    r"(?:certo|va bene|esatto)\b",
)

NO = _any_of(
    r"(?:no|nope|not|don't|do not|never|stop|wait|cancel that|incorrect|wrong)\b",
    r"(?:nein|nicht|falsch|non|pas|nunca)\b",
)
