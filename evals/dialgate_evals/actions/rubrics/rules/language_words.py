"""Words of several languages by which phrases are affirmed, denied or left open, and numerals.

Folded as `folded_text` folds; tables only. A language that is not here is never guessed at:
where its script is another one, nothing is said to be affirmed.
"""

from __future__ import annotations

DENYING = frozenset(
    """
    not no never without cannot neither nor nobody none nothing nowhere unable refuse refuses
    refused deny denies denied decline declines declined fail fails failed impossible non reject
    rejects rejected aint dont doesnt didnt wont wouldnt cant couldnt shouldnt isnt arent wasnt
    werent hasnt havent hadnt mustnt neednt
    nicht kein keine keinen keinem keiner keines nie niemals nichts niemand ohne weder unmoeglich
    pas jamais aucun aucune rien personne sans
    nunca jamas ningun ninguna ninguno nada nadie sin tampoco
    mai nessun nessuna nessuno senza neanche
    nao nenhum nenhuma sem ninguem
    niet geen nooit zonder niets niemand
    nie nigdy bez nikdy neni inte aldrig ingen ikke ikkje ingenting ei hayir degil
    не нет никогда без нельзя
    """.split()
)
"""Words that deny what their clause says; without accents and apostrophes, `ü` as `ue`."""

DENYING_BEHIND = frozenset("nicht niet nie nooit niemals ikke inte pas jamais".split())
"""Those of them that deny from behind as well; others leave open what they deny there."""

HALF_DENYING = frozenset({"ne", "n"})
"""French: with pas, jamais … it is one denial, and alone it may be one."""

NO_DENIAL = frozenset(
    [("not", "only"), ("nicht", "nur"), ("no", "solo"), ("non", "solo"), ("pas", "seulement"),
     ("niet", "alleen"), ("nao", "so"), ("no", "doubt"), ("no", "problem"), ("no", "worries"),
     ("kein", "problem"), ("keine", "sorge"),
     ("no", "later"), ("no", "more"), ("no", "less"), ("no", "earlier")]
)  # fmt: skip
"""Pairs that look like a denial and are none, or deny something else."""

INTERJECTIONS = frozenset("no nein non nee nao nej não nie sorry yes ja oui si".split())
"""A clause of these alone answers what was asked and denies nothing behind it."""

LEAVING_OPEN = frozenset(
    """
    if unless whether might may could would should perhaps maybe possibly probably hardly barely
    scarcely until till except pending once
    wenn falls ob vielleicht moeglicherweise koennte wuerde sollte kaum sobald bis ausser
    sauf pourrait serait
    quiza quizas podria seria salvo excepto
    se forse potrebbe sarebbe talvez poderia seria
    als misschien zou zodra tenzij
    если возможно может
    """.split()
)
"""Words by which a clause says nothing for sure."""

TURNING = frozenset(
    "but however sondern aber mais sino pero ma tuttavia maar mas no но jedoch instead".split()
) - {"no"}
"""Words behind which a denial before them no longer holds."""

JOINING = frozenset("and or und oder et ou y o e of en и или as so then".split())
"""Words behind which it is open whether a denial still holds."""

RELATIVE_DAYS = frozenset(
    """
    today tomorrow yesterday tonight monday tuesday wednesday thursday friday saturday sunday week
    heute morgen gestern uebermorgen montag dienstag mittwoch donnerstag freitag samstag sonntag
    aujourdhui demain hier lundi mardi mercredi jeudi vendredi samedi dimanche
    hoy manana ayer lunes martes miercoles jueves viernes sabado domingo
    oggi domani ieri hoje amanha ontem vandaag gisteren
    """.split()
)
"""Words that may mean a day without naming it."""

_MONTHS = """
    january jan januar janvier enero gennaio janeiro januari
    february feb februar fevrier febrero febbraio fevereiro februari
    march mar marz mars marzo marco maart
    april apr avril abril aprile
    may mai mayo maggio maio mei
    june jun juni juin junio giugno junho
    july jul juli juillet julio luglio julho
    august aug aout agosto augustus
    september sep sept septembre septiembre settembre setembro
    october oct oktober okt octobre octubre ottobre outubro
    november nov novembre noviembre novembro
    december dec dezember dez decembre diciembre dicembre dezembro
"""
MONTHS = {
    word: number
    for number, line in enumerate(_MONTHS.strip().splitlines(), start=1)
    for word in line.split()
}
"""Names of months to their number."""

_NUMERALS = """
    zero null
    one ein eine einen eins un une uno una um uma een
    two zwei deux dos due dois duas twee
    three drei trois tres tre drie
    four vier quatre cuatro quattro quatro
    five fuenf cinq cinco cinque vijf
    six sechs seis sei zes
    seven sieben sept siete sette sete zeven
    eight acht huit ocho otto oito
    nine neun neuf nueve nove negen
    ten zehn dix diez dieci dez tien
    eleven elf onze once undici
    twelve zwoelf douze doce dodici doze twaalf
"""
NUMERALS = {
    word: number
    for number, line in enumerate(_NUMERALS.strip().splitlines())
    for word in line.split()
}
"""Small numbers in words."""

LARGE_NUMERALS = frozenset(
    """
    thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty
    seventy eighty ninety hundred thousand dozen half
    dreizehn vierzehn fuenfzehn sechzehn siebzehn achtzehn neunzehn zwanzig dreissig vierzig
    fuenfzig sechzig siebzig achtzig neunzig hundert tausend
    treize quatorze quinze seize vingt trente quarante cinquante soixante cent mille
    trece catorce veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa cien mil
    """.split()
)
"""Words that are a part of a larger number."""

MAGNITUDES = {
    "k": (3,), "tsd": (3,), "thousand": (3,), "tausend": (3,), "mille": (3,), "mil": (3,),
    "m": (6, 0), "mio": (6,), "mn": (6,), "million": (6,), "millions": (6,), "millionen": (6,),
    "millones": (6,), "milioni": (6,), "milhoes": (6,), "miljoen": (6,),
    "bn": (9,), "mrd": (9,), "milliarde": (9,), "milliarden": (9,), "milliard": (9,),
    "billion": (9, 12), "billions": (9, 12), "billionen": (12,), "crore": (7,), "lakh": (5,),
}  # fmt: skip
"""Words behind a number to the powers of ten that they may mean."""
