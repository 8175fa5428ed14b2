"""The curated skills, our own words: what neighbours do for one another, in Dutch and English, with synonyms.

A wider concept stands before the narrower ones that name it as their parent.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Concept:
    """One skill: its label and further names in both languages, and the slug of the wider one."""

    slug: str
    label_nl: str
    label_en: str
    synonyms_nl: tuple[str, ...] = ()
    synonyms_en: tuple[str, ...] = ()
    parent: str = ""


CONCEPTS: Final = (
    Concept("tuinieren", "Tuinieren", "Gardening", ("tuinwerk", "groenonderhoud", "hovenier"), ("garden work",)),
    Concept(
        "planten", "Planten en zaaien", "Planting and sowing", ("moestuin", "geveltuin"), ("vegetables",), "tuinieren"
    ),
    Concept("snoeien", "Snoeien", "Pruning", ("heggen knippen", "bomen zagen"), ("trimming", "hedges"), "tuinieren"),
    Concept(
        "straten", "Tegels en bestrating", "Paving", ("stoeptegels lichten", "stratenmaken"), ("tiles",), "tuinieren"
    ),
    Concept("klussen", "Klussen", "Odd jobs", ("repareren in huis", "handigheid", "klusjesman"), ("handy work", "diy")),
    Concept("timmeren", "Timmeren", "Carpentry", ("houtbewerking", "zagen"), ("woodwork",), "klussen"),
    Concept("schilderen", "Schilderen", "Painting", ("verven", "muurschildering"), ("mural", "paint"), "klussen"),
    Concept("elektra", "Elektra", "Electrical work", ("bedrading", "verlichting aanleggen"), ("wiring",), "klussen"),
    Concept("loodgieten", "Loodgieten", "Plumbing", ("waterleiding", "kranen"), ("water pipes",), "klussen"),
    Concept(
        "repareren", "Apparaten repareren", "Repairing things", ("repair café", "reparatie"), ("fixing",), "klussen"
    ),
    Concept(
        "fietsen-maken",
        "Fietsen maken",
        "Bicycle repair",
        ("band plakken", "fietsenmaker"),
        ("bike repair",),
        "klussen",
    ),
    Concept(
        "naaien", "Naaien en verstellen", "Sewing and mending", ("kleding maken", "breien"), ("knitting", "tailoring")
    ),
    Concept("koken", "Koken", "Cooking", ("maaltijden bereiden", "kok"), ("preparing meals", "chef")),
    Concept("bakken", "Bakken", "Baking", ("taart", "brood"), ("bread", "cake"), "koken"),
    Concept(
        "gastvrijheid", "Gastvrouw of gastheer zijn", "Hosting", ("ontvangst", "koffie schenken"), ("welcoming", "host")
    ),
    Concept("bar", "Bar en bediening", "Serving", ("tappen", "bedienen"), ("bar work", "waiting"), "gastvrijheid"),
    Concept("organiseren", "Organiseren", "Organising", ("coördineren", "plannen"), ("coordinating", "planning")),
    Concept(
        "evenementen",
        "Evenementen op- en afbouwen",
        "Events",
        ("straatfeest", "opbouwen"),
        ("street party",),
        "organiseren",
    ),
    Concept(
        "voorzitten",
        "Vergaderingen leiden",
        "Chairing",
        ("voorzitter", "gespreksleider"),
        ("moderating",),
        "organiseren",
    ),
    Concept("boekhouden", "Boekhouden", "Bookkeeping", ("penningmeester", "administratie"), ("treasurer", "accounts")),
    Concept("fondsen", "Fondsen werven", "Fundraising", ("sponsoring", "subsidie aanvragen"), ("sponsors", "grants")),
    Concept("schrijven", "Schrijven", "Writing", ("teksten", "redactie", "nieuwsbrief"), ("copywriting", "editing")),
    Concept("vertalen", "Tolken en vertalen", "Interpreting", ("tolk", "vertaler"), ("translation", "translating")),
    Concept("vormgeven", "Vormgeven", "Design", ("grafisch ontwerp", "posters maken"), ("graphic design",)),
    Concept("fotografie", "Fotograferen", "Photography", ("foto's maken", "filmen"), ("photos", "video")),
    Concept("computer", "Computerhulp", "Computer help", ("digitale hulp", "telefoon uitleggen"), ("digital help",)),
    Concept("websites", "Websites maken", "Making websites", ("programmeren", "webbouw"), ("programming",), "computer"),
    Concept("sociale-media", "Sociale media", "Social media", ("online berichten", "promotie"), ("promotion", "posts")),
    Concept("lesgeven", "Lesgeven", "Teaching", ("uitleggen", "trainer", "docent"), ("training", "tutor")),
    Concept(
        "taalles", "Taalles geven", "Language teaching", ("taalmaatje", "taalcoach"), ("language buddy",), "lesgeven"
    ),
    Concept("huiswerk", "Huiswerk begeleiden", "Homework help", ("bijles", "rekenen"), ("tutoring",), "lesgeven"),
    Concept("voorlezen", "Voorlezen", "Reading aloud", ("leesplezier", "boeken"), ("story time",)),
    Concept("kinderen", "Kinderen begeleiden", "Working with children", ("kinderopvang", "spelletjes"), ("childcare",)),
    Concept("jongeren", "Jongeren begeleiden", "Youth work", ("tieners", "jongerenwerk"), ("teenagers", "mentoring")),
    Concept("ouderen", "Ouderen bezoeken", "Visiting older people", ("eenzaamheid", "maatje"), ("befriending",)),
    Concept("zorg", "Zorg en steun", "Care and support", ("mantelzorg", "verzorgen"), ("caring",)),
    Concept("luisteren", "Luisteren", "Listening", ("gesprek", "buddy"), ("conversation", "support"), "zorg"),
    Concept("ehbo", "Eerste hulp", "First aid", ("ehbo", "reanimatie"), ("cpr",), "zorg"),
    Concept("sport", "Sport en bewegen", "Sports", ("trainer", "wandelgroep"), ("coaching", "walking group")),
    Concept("muziek", "Muziek maken", "Making music", ("zingen", "koor", "instrument"), ("singing", "choir")),
    Concept("toneel", "Toneel en theater", "Theatre", ("acteren", "regie"), ("acting", "drama")),
    Concept(
        "dieren",
        "Dieren verzorgen",
        "Looking after animals",
        ("kinderboerderij", "hond uitlaten"),
        ("dog walking", "pets"),
    ),
    Concept(
        "natuur", "Natuur beheren", "Nature conservation", ("landschap", "wilgen knotten"), ("wildlife", "biodiversity")
    ),
    Concept("opruimen", "Zwerfvuil opruimen", "Litter picking", ("schoonmaken", "afval"), ("cleaning", "waste")),
    Concept("rijden", "Rijden en vervoeren", "Driving", ("chauffeur", "bezorgen"), ("transport", "delivery")),
    Concept("sjouwen", "Sjouwen en verhuizen", "Lifting and moving", ("tillen", "verhuizen"), ("carrying",)),
)
