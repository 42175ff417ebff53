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

QUESTION_MARK = re.compile(r"[?？؟](?!\w)|(?<=[\u0370-\u03ff]);")
"""Also before an emoji or what nobody sees; a semicolon asks in Greek alone."""

REQUEST = _any_of(
    rf"(?:please|kindly|pls|plz) (?:{_GIVE})",
    r"your [^.!?]{1,60} (?:please|pls|plz)\W*$|your [^.!?]{1,60}, please\W*$",
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

TURNED_ROUND = _any_of(
    r"(?:shall|should|may|can) (?:i|we) (?:not|never)\b(?! (?:only|just))",
    r"you (?:don't|do not|no longer) (?:want|wish|need|like)\b",
    r"(?:instead of|rather than)\b",
)
"""A question to which a yes would be a no to what is wanted."""

ASKS_FOR_A_VALUE = _any_of(
    r"(?:what|which|when|where|who|how (?:much|many))\b",
    r"(?:provide|tell me|share|send me|give me|enter|have your)\b",
)

YES = _any_of(
    r"(?:yes|yep|yeah|yup|yessir|okay|ok|agreed|confirmed|absolutely|of course)\b|^y\W*$",
    r"(?<!make )(?<!making )sure\b(?! (?:that|to|the|my|it|you))",
    r"(?:correct|right)\b(?! (?:the|my|your|it|that|this|now|away|after|before|here|there))",
    r"fine\b(?! print)",
    r"i (?:confirm|agree|approve)\b|^confirm\b",
    r"(?:please )?(?:go ahead|do it|do so|please do|proceed)\b|(?:sounds good|that works)\b",
    r"(?:ja|jawohl|genau|stimmt|richtig|gerne?|einverstanden)\b",
    r"(?:oui|d'accord)\b",
    r"(?:sí|claro|correcto|de acuerdo)\b|si(?=[,.!;]|\s*$| por favor)",
    r"(?:certo|va bene|esatto)\b",
    r"(?:sim|evet)\b",
    r"(?:да|כן|نعم|ναι)\b",
)

SIGN_OF_YES = re.compile("[👍👌✅✔🆗💯]|^(?:はい|好的|可以|是的|네)[\\s.!。！]*$")
"""Signs, and whole answers in scripts without blanks between words."""

NO_MATTER = _any_of(
    "no (?:problem|worries|rush|hurry|doubt|issue)", "not a problem", "why not",
    "kein problem", "pas de (?:problème|souci)", "no hay problema", "nessun problema",
)  # fmt: skip
"""Words of a no that say none."""

NO = re.compile(
    _any_of(
        r"(?:no|nope|not|nah|never|cannot|\w+n't|stop|wait|cancel that|incorrect|wrong)\b",
        r"(?:hold (?:on|off)|would rather|i'd rather|leave it|forget it)\b",
        r"(?:nein|nicht|nichts|kein\w*|lieber|niemals|falsch|warten)\b",
        r"(?:non|pas|rien|aucune?|jamais|plutôt)\b",
        r"(?:nunca|nada|ning\w+|jamás|tampoco|espera)\b",
        r"(?:niente|nessun\w*|aspett\w+)\b",
        r"(?:não|hayır|nej|nei|nee|geen|niet)\b",
        r"(?:нет|не|לא|لا|όχι|δεν)\b",
    ).pattern
    + "|[👎❌✖🚫⛔🛑✋🙅]|不|いいえ|아니"
)

CONDITION = _any_of(
    r"(?<!know )(?<!see )(?<!ask )(?<!check )(?<!as )(?<!me )if\b",
    r"(?:unless|except|depends|as long as|on condition|assuming|but only|but first)\b",
    r"provided (?:that|it|you|there)\b|only (?:when|after)\b",
    r"first\W*$|first (?:tell|show|check|confirm|send|give|let)\b|later\W*$",
    r"before (?:you|that|we|i|doing)\b",
    r"(?:wenn|falls|sofern|solange|vorher|zuerst|aber nur|aber erst|erst wenn)\b",
    r"si (?:c'est|ça|vous|tu|possible|le|la|les|il|elle|on|es|cuesta|puede)\b",
    r"(?:sauf|seulement|à condition|d'abord)\b",
    r"(?:siempre que|salvo|solo si|sólo si|primero|antes de (?:que|nada))\b",
    r"(?:solo se|ma se|purché|prima (?:di|che))\b",
)
"""By which a yes is none yet."""
