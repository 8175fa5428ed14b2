"""The curated skills, our own words: what neighbours do for one another, in Dutch and English, with synonyms.

A wider concept stands before the narrower ones that name it as their parent, and no parent has a parent.
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


# Two lines for each: "slug < parent | Dutch | English", and below it the synonyms, "Dutch, ... | English, ...".
_TABLE: Final = """
tuinieren | Tuinieren | Gardening
  tuinwerk, tuinman, groenonderhoud, hovenier, tuin onderhouden | garden work, gardener
planten < tuinieren | Planten en zaaien | Planting and sowing
  moestuin, geveltuin, bloembollen, plantjes poten, groente kweken | vegetables, vegetable garden, bulbs
snoeien < tuinieren | Snoeien | Pruning
  heggen knippen, bomen zagen, takken, heg | trimming, hedges, branches
straten < tuinieren | Tegels en bestrating | Paving
  stoeptegels lichten, stratenmaken, tegels wippen, stoep leggen | tiles, pavement, bricks
maaien < tuinieren | Grasmaaien | Mowing
  gras, gazon, maaimachine | lawn, grass cutting
wieden < tuinieren | Onkruid wieden | Weeding
  onkruid, schoffelen, harken | weeds, hoeing, raking
composteren < tuinieren | Composteren | Composting
  compost, wormenhotel, gft | compost, worms, organic waste
bewateren < tuinieren | Planten water geven | Watering plants
  gieten, sproeien, plantenbakken verzorgen | irrigation, watering can
vijver < tuinieren | Vijver en water aanleggen | Ponds
  regenton, waterpartij, wadi | rain barrel, water feature
klussen | Klussen | Odd jobs
  repareren in huis, handigheid, klusjesman, doe-het-zelven, onderhoud | handy work, diy, handyman, maintenance
timmeren < klussen | Timmeren | Carpentry
  houtbewerking, zagen, meubels maken, timmerman | woodwork, carpenter, building furniture
schilderen < klussen | Schilderen | Painting
  verven, schilder, kozijnen, sauzen | paint, decorating, painter
muurschildering < klussen | Muurschilderingen | Murals
  graffiti, streetart, kunst op de muur | mural, street art, spray painting
elektra < klussen | Elektra | Electrical work
  bedrading, verlichting aanleggen, elektricien, stroom, lampen ophangen | wiring, electrician, lights
loodgieten < klussen | Loodgieten | Plumbing
  waterleiding, kranen, loodgieter, afvoer, sanitair | water pipes, plumber, taps
metselen < klussen | Metselen en stukadoren | Bricklaying and plastering
  metselaar, stucwerk, muurtje bouwen, cement | masonry, brick wall, plaster
lassen < klussen | Lassen en metaal | Welding and metalwork
  metaalbewerking, lasser, smeden | welder, steel
isoleren < klussen | Isoleren en energie besparen | Insulation
  tochtstrips, radiatorfolie, energiefixer, dubbel glas | draught proofing, saving energy, energy fixer
repareren < klussen | Apparaten repareren | Repairing things
  repair café, reparatie, elektronica, stofzuiger maken, huishoudelijke apparaten | fixing, repair, electronics
fietsen-maken < klussen | Fietsen maken | Bicycle repair
  band plakken, fietsenmaker, lekke band, fietsreparatie | bike repair, flat tyre, bicycle mechanic
meubels < klussen | Meubels in elkaar zetten | Assembling furniture
  bouwpakket, kast monteren, inrichten | flat pack, fitting out
vloeren < klussen | Vloeren en tegelen | Flooring and tiling
  laminaat, vloer leggen, tegelzetter | laminate, tiler, floors
speeltoestellen < klussen | Speeltoestellen bouwen | Building playgrounds
  speeltuin, natuurspeelplaats, klimrek | playground, play equipment
naaien | Naaien en verstellen | Sewing and mending
  kleding maken, naaimachine, kleermaker, kleding herstellen | tailoring, dressmaking, sewing machine
breien < naaien | Breien en haken | Knitting and crochet
  wol, haken, handwerken | crochet, yarn, needlework
koken | Koken | Cooking
  maaltijden bereiden, kok, eten maken, buurtmaaltijd, keuken | preparing meals, chef, cook, kitchen
bakken < koken | Bakken | Baking
  taart, brood, koekjes, bakker | bread, cake, cookies
wereldkeuken < koken | Wereldkeuken | World cuisine
  surinaams koken, marokkaanse keuken, oosters eten, indonesisch koken | foreign food, ethnic cooking
barbecueen < koken | Barbecueën | Barbecuing
  bbq, grillen, vuurkorf | bbq, grilling
afwassen < koken | Afwassen en opruimen | Washing up
  afwas, spoelkeuken, keukenhulp | dishes, kitchen help
voedselbank | Voedsel uitdelen | Handing out food
  voedselbank, voedselpakketten, buurtkoelkast, boodschappen uitdelen | food bank, food parcels, community fridge
hygiene < koken | Voedselveiligheid | Food safety
  haccp, sociale hygiëne, hygiënecode | haccp, food hygiene, food handling
gastvrijheid | Gastvrouw of gastheer zijn | Hosting
  ontvangst, koffie schenken, koffie en thee, inloop, mensen ontvangen | welcoming, host, pouring coffee
bar < gastvrijheid | Bar en bediening | Serving
  tappen, bedienen, barmedewerker, horeca, ober | bar work, waiting, bartender, catering
balie < gastvrijheid | Receptie en balie | Reception desk
  receptionist, baliemedewerker, inschrijving | receptionist, front desk, registration
kassa < gastvrijheid | Kassa en kaartverkoop | Till and tickets
  kaartjes verkopen, kassier, entree | cashier, selling tickets, entrance
telefoon < gastvrijheid | Telefoon beantwoorden | Answering the phone
  bellen, telefonist, belteam | phone calls, helpline, calling
organiseren | Organiseren | Organising
  coördineren, plannen, regelen, planning, draaiboek | coordinating, planning, arranging
evenementen < organiseren | Evenementen op- en afbouwen | Setting up events
  straatfeest, opbouwen, buurtfeest, festival, tenten opzetten | street party, events, festival, marquees
voorzitten < organiseren | Vergaderingen leiden | Chairing
  voorzitter, gespreksleider, dagvoorzitter, vergaderen | moderating, chair, meetings
notuleren < organiseren | Notuleren | Taking minutes
  notulen, verslag maken, secretaris | minutes, secretary, note taking
besturen < organiseren | Besturen | Sitting on a board
  bestuur, bestuurslid, stichting, vereniging | board member, trustee, governance
projectleiding < organiseren | Projecten leiden | Project management
  projectleider, projectmanagement, projectplan | project manager, project plan
vrijwilligers < organiseren | Vrijwilligers begeleiden | Coordinating volunteers
  vrijwilligerscoördinator, rooster maken, inroosteren | volunteer coordinator, rota, scheduling people
inkopen < organiseren | Inkopen en materiaal regelen | Buying supplies
  inkoop, offertes, spullen lenen, materialen | purchasing, supplies, quotes
vergunningen < organiseren | Vergunningen aanvragen | Applying for permits
  vergunning, evenementenvergunning, melding gemeente | permits, licences, council paperwork
verkeer < organiseren | Verkeer regelen | Directing traffic
  verkeersregelaar, parkeren, straat afzetten | traffic warden, parking, closing a road
toezicht < organiseren | Toezicht en beveiliging | Stewarding
  bewaking, bhv, ordedienst, portier, surveilleren | security, steward, guarding
buurtwacht < organiseren | Buurtpreventie | Neighbourhood watch
  buurtwacht, buurtapp, ronde lopen | crime prevention, patrol
boekhouden | Boekhouden | Bookkeeping
  penningmeester, administratie, financiën, kasboek, jaarrekening | treasurer, accounts, finance, accounting
begroten < boekhouden | Begroten | Budgeting
  begroting, kosten berekenen, calculeren | budget, cost estimates
belastingen < boekhouden | Belastingaangifte invullen | Tax returns
  belasting, aangifte, toeslagen, invulhulp | taxes, benefits forms
schulden < boekhouden | Helpen met geldzaken | Money matters
  budgetmaatje, schuldhulp, schuldhulpmaatje, thuisadministratie, post ordenen | debt help, budget buddy, paperwork
fondsen | Fondsen werven | Fundraising
  sponsoring, subsidie aanvragen, geld inzamelen, collecteren | sponsors, grants, raising money, collecting
verkopen | Verkopen | Selling
  winkel, kraam, kringloop, rommelmarkt, marktkraam | shop, stall, charity shop, flea market
juridisch | Juridisch advies | Legal advice
  jurist, rechten, wetten, bezwaar maken, statuten | lawyer, law, legal help
administratie | Administratief werk | Office work
  gegevens invoeren, archief, kantoor, excel, typen | data entry, filing, spreadsheets, admin, typing
onderzoeken | Onderzoek doen | Research
  enquête, interviewen, gegevens verzamelen, buurtonderzoek | survey, interviewing, collecting data
schrijven | Schrijven | Writing
  teksten, redactie, nieuwsbrief, wijkkrant, artikelen, tekstschrijver | copywriting, editing, newsletter, articles
journalistiek < schrijven | Interviews en verslagen maken | Reporting
  journalist, verslaggever, verhalen ophalen | journalism, stories, reporter
corrigeren < schrijven | Teksten nakijken | Proofreading
  spelling, eindredactie, corrector | spelling check, copy editor
vertalen | Tolken en vertalen | Interpreting
  tolk, vertaler, vertaling, tweetalig | translation, translating, bilingual
gebarentaal < vertalen | Tolken in gebarentaal | Sign language interpreting
  gebarentolk, doven, ngt | deaf, signing
vormgeven | Vormgeven | Design
  grafisch ontwerp, posters maken, flyers, logo, opmaak, illustreren | graphic design, posters, layout, illustration
fotografie | Fotograferen | Photography
  foto's maken, fotograaf, camera | photos, photographer, pictures
filmen | Filmen en monteren | Video
  video, filmpje, montage, drone | filming, video editing, film
geluid | Geluid en licht | Sound and light
  geluidstechnicus, podium, versterker, microfoon, dj, techniek | sound engineer, stage, amplifier, technician
radio < geluid | Radio en podcast maken | Radio and podcasts
  podcast, lokale omroep, presenteren op de radio | podcasting, broadcasting
computer | Computerhulp | Computer help
  digitale hulp, telefoon uitleggen, ict, tablet, digid, smartphone | digital help, it support, tablet, smartphone
websites < computer | Websites maken | Making websites
  programmeren, webbouw, webmaster, app bouwen, software | programming, web design, coding, developer
netwerk < computer | Wifi en netwerken aanleggen | Networks and wifi
  wifi, router, internet aansluiten, bekabeling | router, internet connection, cabling
gegevens < computer | Databases en gegevens | Data and databases
  database, gis, kaarten maken, data-analyse | spreadsheets, data analysis, mapping
sociale-media | Sociale media | Social media
  online berichten, promotie, facebook, instagram, communicatie, pr | promotion, posts, marketing, publicity
flyeren < sociale-media | Flyeren en huis-aan-huis | Leafleting
  folders rondbrengen, brievenbussen, aanbellen, canvassen | flyers, door to door, handing out leaflets
lesgeven | Lesgeven | Teaching
  uitleggen, docent, leraar, cursus geven, workshop | teacher, courses, workshops, instructor
taalles < lesgeven | Taalles geven | Language teaching
  taalmaatje, taalcoach, nederlandse les, inburgering, taalcafé | language buddy, dutch lessons, conversation practice
huiswerk < lesgeven | Huiswerk begeleiden | Homework help
  bijles, rekenen, wiskunde, huiswerkklas, examentraining | tutoring, maths, exam help, tutor
trainen < lesgeven | Trainingen geven | Training people
  trainer, voorlichting, spreken in het openbaar | trainer, public speaking, giving a talk
computerles < lesgeven | Computerles geven | Teaching computer skills
  cursus computer, digitale vaardigheden, klik en tik | digital skills, computer course
techniekles < lesgeven | Techniek en natuur uitleggen | Teaching science
  proefjes, techniekclub, natuurles, programmeren voor kinderen | science club, experiments, coding club
voorlezen | Voorlezen | Reading aloud
  leesplezier, boeken, voorleesexpress, prentenboeken, verhalen vertellen | story time, picture books, storytelling
bibliotheek < voorlezen | Boeken uitlenen | Lending books
  bibliotheek, minibieb, boekenkast | library, book exchange
kinderen | Kinderen begeleiden | Working with children
  kinderopvang, spelletjes, oppassen, kinderclub, kinderfeest | childcare, games, babysitting, kids club
peuters < kinderen | Peuters en baby's | Toddlers and babies
  peuterspeelzaal, crèche, speelgroep, luiers | playgroup, nursery, infants
overblijven < kinderen | Overblijven en brengen naar school | School runs
  tussenschoolse opvang, overblijfouder, klaarover, lopende schoolbus | lunch supervision, walking bus, crossing
knutselen < kinderen | Knutselen | Crafts with children
  plakken, tekenen met kinderen, schminken | face painting, arts and crafts, drawing
kampen < kinderen | Kampen en uitjes | Camps and outings
  zomerkamp, vakantieweek, uitstapje, scouting | summer camp, day trip, scouts
jongeren | Jongeren begeleiden | Youth work
  tieners, jongerenwerk, jongerenwerker, mentor | teenagers, mentoring, young people, mentor
loopbaan < jongeren | Helpen bij werk zoeken | Helping with job hunting
  sollicitatiebrief, cv maken, jobcoach, stage | cv, job applications, careers, job coach
ouderen | Ouderen bezoeken | Visiting older people
  eenzaamheid, maatje, bejaarden, op bezoek gaan, senioren | befriending, elderly, loneliness, seniors
wandelmaatje < ouderen | Samen wandelen | Walking together
  wandelmaatje, rolstoel duwen, ommetje, begeleiden naar buiten | walking buddy, pushing a wheelchair
boodschappen < ouderen | Boodschappen doen | Doing the shopping
  winkelen, boodschappenhulp, apotheek | groceries, shopping, errands
huishouden < ouderen | Helpen in huis | Help around the house
  huishoudelijke hulp, stofzuigen, ramen lappen, strijken | housework, ironing, hoovering
spelletjes < ouderen | Spelmiddagen en bingo | Games afternoons
  bingo, kaarten, sjoelen, klaverjassen, bordspellen | bingo, card games, board games, bridge
zorg | Zorg en steun | Care and support
  mantelzorg, verzorgen, verpleging, zorgen voor mensen | caring, nursing, carer
luisteren < zorg | Luisteren | Listening
  gesprek, praten, luisterend oor, buddy | conversation, talking, someone to talk to
rouw < zorg | Steun bij rouw | Bereavement support
  rouwgroep, verlies, nabestaanden | grief, loss
dementie < zorg | Omgaan met dementie | Dementia care
  alzheimer, geheugen, geheugencafé | alzheimer, memory cafe
beperking < zorg | Begeleiden bij een beperking | Disability support
  gehandicapten, verstandelijke beperking, autisme, rolstoel | disabled people, learning disability, autism, wheelchair
palliatief < zorg | Waken en terminale zorg | End of life care
  hospice, waken, stervensbegeleiding | hospice, sitting with the dying
ehbo < zorg | Eerste hulp | First aid
  ehbo, reanimatie, aed, hulpverlener, pleisters | cpr, first aider, defibrillator, aed
psychisch < zorg | Steun bij psychische klachten | Mental health support
  ggz, depressie, ervaringsdeskundige, lotgenoten | mental health, depression, peer support
opvoeden < zorg | Ouders steunen | Supporting parents
  opvoedhulp, gezinnen, moedergroep, home-start | parenting, families, young mothers
nieuwkomers | Nieuwkomers wegwijs maken | Helping newcomers
  vluchtelingen, statushouders, asielzoekers, integratie, azc | refugees, asylum seekers, migrants, integration
formulieren < nieuwkomers | Helpen met formulieren | Help with forms
  formulieren invullen, brieven uitleggen, spreekuur, sociaal raadslieden | filling in forms, letters, advice desk
daklozen | Helpen van dak- en thuislozen | Helping homeless people
  daklozenopvang, nachtopvang, soepbus, inloophuis | homeless, night shelter, soup kitchen
bemiddelen | Bemiddelen bij ruzie | Mediation
  buurtbemiddeling, conflicten, burenruzie | conflict, mediator, neighbours' quarrels
inclusie | Mensen verbinden | Bringing people together
  ontmoeting, buurtverbinder, opbouwwerk, inclusie, netwerken | community building, inclusion, networking
belangen | Opkomen voor bewoners | Speaking up for residents
  bewonerscommissie, belangenbehartiging, wijkraad, inspraak, actie voeren | advocacy, campaigning, residents' committee
sport | Sport en bewegen | Sports
  sporten, gym, fitness, beweegles | exercise, fitness, gym
sportles < sport | Sporttraining geven | Sports coaching
  coach, trainer sport, voetbaltrainer, gymles | coaching, football coach, sports instructor
voetbal < sport | Voetbal | Football
  voetballen, pannaveld, scheidsrechter | soccer, referee
zwemmen < sport | Zwemmen | Swimming
  zwemles, badmeester, zwembad | swimming lessons, lifeguard, pool
wandelen < sport | Wandelgroepen leiden | Leading walks
  wandelgroep, wandeltocht, gids, hardlopen | walking group, hiking, running group, guide
fietsen < sport | Fietstochten en fietsles | Cycling
  fietsles, fietstocht, duofiets, verkeersles | cycling lessons, bike ride, tandem
yoga < sport | Yoga en ontspanning | Yoga and relaxation
  meditatie, mindfulness, stretchen | meditation, mindfulness
dansen < sport | Dansen | Dancing
  dansles, zumba, ballet | dance class, zumba, ballet
vechtsport < sport | Vechtsport en weerbaarheid | Martial arts
  boksen, judo, zelfverdediging, weerbaarheidstraining | boxing, judo, self-defence
schaken < sport | Schaken en dammen | Chess and draughts
  schaakclub, dammen, denksport | chess club, checkers
muziek | Muziek maken | Making music
  instrument, muzikant, optreden, band, muziekles | musician, instrument, performing, band
zingen < muziek | Zingen | Singing
  koor, dirigent, zanger, liedjes | choir, conductor, singer, songs
gitaar < muziek | Gitaar of piano spelen | Playing guitar or piano
  gitarist, pianist, toetsen, akoestisch | guitarist, pianist, keyboard
slagwerk < muziek | Trommelen en percussie | Drumming
  drummen, djembé, brassband, slagwerk | drums, percussion, brass band
toneel | Toneel en theater | Theatre
  acteren, regie, toneelspelen, improviseren, cabaret | acting, drama, directing, improvisation
kleding-decor < toneel | Decor en kostuums | Sets and costumes
  kostuums, grime, decorbouw, rekwisieten | costumes, make-up, props, scenery
presenteren < toneel | Presenteren | Presenting
  presentator, ceremoniemeester, quizmaster, omroepen | host of a show, master of ceremonies, quiz master
kunst | Tekenen en kunst maken | Art
  tekenen, beeldhouwen, kunstenaar, keramiek, boetseren, mozaïek | drawing, sculpture, artist, pottery, mosaic
musea < kunst | Rondleiden en exposities | Guided tours
  rondleiding, gids museum, tentoonstelling, suppoost | tour guide, exhibition, museum
geschiedenis | Geschiedenis van de buurt | Local history
  archief, erfgoed, verhalen van vroeger, monumenten | heritage, archives, oral history, monuments
dieren | Dieren verzorgen | Looking after animals
  kinderboerderij, huisdieren, dierenasiel, kippen, geiten | pets, animal shelter, petting zoo, chickens
honden < dieren | Honden uitlaten | Dog walking
  hond uitlaten, hondenoppas, hond | walking the dog, dogs, dog sitting
katten < dieren | Katten verzorgen | Looking after cats
  kattenoppas, poezen, zwerfkatten | cat sitting, stray cats
paarden < dieren | Paarden en rijden | Horses
  paardrijden, stal, manege, pony's | horse riding, stables, ponies
bijen < dieren | Bijen houden | Beekeeping
  imker, bijenkast, insectenhotel | beekeeper, beehive, insect hotel
natuur | Natuur beheren | Nature conservation
  landschap, wilgen knotten, natuurbeheer, bosbeheer, bomen planten | wildlife, biodiversity, tree planting, woodland
tellen < natuur | Planten en dieren tellen | Counting wildlife
  vogels kijken, vogeltelling, inventariseren, egels | bird watching, species survey, birds
opruimen | Zwerfvuil opruimen | Litter picking
  afval, vuil prikken, plastic, troep opruimen, papier prikken | waste, rubbish, clean-up, trash
schoonmaken < opruimen | Schoonmaken | Cleaning
  poetsen, dweilen, toiletten, soppen | cleaner, mopping, scrubbing
hergebruik < opruimen | Hergebruik en weggeefwinkel | Reuse
  weggeefwinkel, ruilwinkel, recyclen, spullen sorteren, kleding sorteren | swap shop, recycling, sorting donations
duurzaam | Duurzaamheid en energie | Sustainability
  zonnepanelen, energiecoach, klimaat, warmtepomp, vergroenen | solar panels, energy coach, climate, greening
rijden | Rijden en vervoeren | Driving
  chauffeur, busje rijden, vervoer, auto, rijbewijs, mensen rijden | driver, transport, van, car, giving lifts
bezorgen < rijden | Bezorgen | Delivering
  bezorger, maaltijden rondbrengen, pakketjes, bakfiets, tafeltje dekje | delivery, meals on wheels, cargo bike, courier
aanhanger < rijden | Rijden met aanhanger of vrachtwagen | Driving a trailer or lorry
  vrachtwagen, aanhangwagen, heftruck, tractor | lorry, truck, trailer, forklift, tractor
varen < rijden | Varen | Boating
  schipper, boot, zeilen, sloep | skipper, boat, sailing
sjouwen | Sjouwen en verhuizen | Lifting and moving
  tillen, verhuizen, dragen, verhuishulp, sterke handen | carrying, moving house, removals, heavy lifting
magazijn < sjouwen | Sorteren en inpakken | Sorting and packing
  inpakken, magazijn, dozen, pakketten maken | packing, warehouse, boxes, sorting
ophalen < sjouwen | Grofvuil en spullen ophalen | Collecting bulky items
  grofvuil, witgoed, ophaaldienst, ontruimen | bulky waste, house clearance, picking up furniture
regenwater < duurzaam | Water en regen opvangen | Rainwater
  wateroverlast, regenwater, tegelwippen | flooding, water butts
energieadvies < duurzaam | Voorlichting over energie | Energy advice
  energieadvies, meterkast uitleggen, besparingstips | energy advice, energy saving tips
bouwkunde | Bouwkunde en ontwerp | Architecture
  architect, bouwtekening, constructeur, ontwerpen van gebouwen | architect, building plans, structural engineer
"""


def _read(table: str) -> tuple[Concept, ...]:
    """Return the concepts of a table like the one above. Raises ValueError for a line that is none."""
    lines = table.strip().splitlines()
    concepts = []
    for head, names in zip(lines[::2], lines[1::2], strict=True):
        key, label_nl, label_en = head.split(" | ")
        slug, _mark, parent = key.partition(" < ")
        dutch, english = (tuple(name.strip() for name in half.split(",")) for half in names.strip().split(" | "))
        concepts.append(Concept(slug, label_nl, label_en, dutch, english, parent))
    return tuple(concepts)


CONCEPTS: Final = _read(_TABLE)
