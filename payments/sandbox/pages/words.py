"""Every sentence on the sandbox's pages, Dutch and English side by side."""

LANGUAGES = ("nl", "en")

_BOTH: dict[str, tuple[str, str]] = {
    "banner": ("Zandbak: geen echt geld", "Sandbox: no real money"),
    "what": ("Stripe-zandbak van Buurtloket", "Buurtloket's Stripe sandbox"),
    "banner_more": (
        "Dit is een nagemaakte betaalpagina om mee te oefenen. Stripe en je bank doen hier niet aan mee.",
        "This is a make-believe payment page to practise with. Neither Stripe nor your bank is involved.",
    ),
    "other_language": ("English", "Nederlands"),
    "language": ("Taal", "Language"),
    "error_prefix": ("Fout: ", "Error: "),
    "problem": ("Er klopt iets niet", "There is a problem"),
    "footer": (
        "Alles op deze pagina is nagespeeld. Typ hier nooit gegevens van een echte kaart of rekening.",
        "Everything on this page is make-believe. Never type details of a real card or account here.",
    ),
    # Checkout
    "pay_title": ("Bewaar een proefkaart", "Save a test card"),
    "pay_lead": (
        "De kaart wordt bewaard voor later. Er wordt nu niets afgeschreven.",
        "The card is saved for later. Nothing is charged now.",
    ),
    "pay_for": ("Voor", "For"),
    "choose_title": ("Kies een proefkaart", "Choose a test card"),
    "choose_lead": ("Eén klik is genoeg.", "One click is enough."),
    "group_asks": ("Kaarten die om bevestiging vragen", "Cards that ask for confirmation"),
    "group_later": ("Kaarten die pas bij het afschrijven mislukken", "Cards that fail only when charged"),
    "group_refused": ("Kaarten die nu al worden geweigerd", "Cards that are refused right away"),
    "type_title": ("Of typ een proefkaart over", "Or type a test card"),
    "type_lead": (
        "Alleen proefkaarten werken. Typ nooit het nummer van een echte kaart.",
        "Only test cards work. Never type the number of a real card.",
    ),
    "number": ("Kaartnummer", "Card number"),
    "number_hint": ("Bijvoorbeeld 4242 4242 4242 4242", "For example 4242 4242 4242 4242"),
    "expiry": ("Vervaldatum", "Expiry date"),
    "expiry_hint": ("Maand en jaar, bijvoorbeeld 12/34", "Month and year, for example 12/34"),
    "cvc": ("Veiligheidscode (CVC)", "Security code (CVC)"),
    "cvc_hint": ("Drie cijfers, bijvoorbeeld 123", "Three digits, for example 123"),
    "save": ("Bewaar deze kaart", "Save this card"),
    "cancel": ("Terug zonder kaart te bewaren", "Go back without saving a card"),
    "ours": ("Alleen in deze zandbak.", "Only in this sandbox."),
    "number_missing": ("Vul een kaartnummer in.", "Enter a card number."),
    "number_incorrect": (
        "Dit kaartnummer klopt niet. Controleer de cijfers.",
        "This card number is not right. Check the digits.",
    ),
    "number_unknown": (
        "Dit is geen proefkaart. Kies een kaart uit de lijst; gebruik nooit een echte kaart.",
        "This is not a test card. Choose one from the list; never use a real card.",
    ),
    "expiry_incorrect": (
        "Vul de vervaldatum in als maand en jaar, bijvoorbeeld 12/34.",
        "Enter the expiry date as month and year, for example 12/34.",
    ),
    "expiry_past": (
        "Deze vervaldatum is voorbij. Kies een datum in de toekomst.",
        "This expiry date is in the past. Choose a date in the future.",
    ),
    "cvc_incorrect": (
        "Vul de drie cijfers van de veiligheidscode in.",
        "Enter the three digits of the security code.",
    ),
    # Cards
    "card_good": ("Goede kaart", "Good card"),
    "card_good_hint": ("Bewaren en afschrijven lukken.", "Saving and charging succeed."),
    "card_asks_once": ("Bevestigen bij het bewaren", "Confirm when saving"),
    "card_asks_once_hint": (
        "Vraagt nu om 3-D Secure; daarna lukt het afschrijven.",
        "Asks for 3-D Secure now; charging succeeds later.",
    ),
    "card_asks_always": ("Altijd bevestigen", "Always confirm"),
    "card_asks_always_hint": (
        "Vraagt nu om 3-D Secure, en bij het afschrijven opnieuw.",
        "Asks for 3-D Secure now, and again when charged.",
    ),
    "card_asks_then_insufficient": ("Bevestigen, daarna te weinig saldo", "Confirm, then insufficient funds"),
    "card_asks_then_insufficient_hint": (
        "Bewaren lukt na 3-D Secure; afschrijven mislukt door te weinig saldo.",
        "Saving succeeds after 3-D Secure; charging fails for lack of funds.",
    ),
    "card_declined_when_charged": ("Later geweigerd", "Declined later"),
    "card_declined_when_charged_hint": (
        "Bewaren lukt; elke afschrijving wordt geweigerd.",
        "Saving succeeds; every charge is declined.",
    ),
    "card_insufficient_when_charged": ("Later te weinig saldo", "Insufficient funds later"),
    "card_insufficient_when_charged_hint": (
        "Bewaren lukt; bij elke afschrijving is er te weinig saldo.",
        "Saving succeeds; every charge finds insufficient funds.",
    ),
    "card_insufficient_twice": ("Twee keer te weinig saldo", "Insufficient funds twice"),
    "card_insufficient_twice_hint": (
        "De derde poging om af te schrijven lukt.",
        "The third attempt to charge succeeds.",
    ),
    "card_lost_when_charged": ("Later verloren gemeld", "Reported lost later"),
    "card_lost_when_charged_hint": (
        "Bewaren lukt; de bank zegt daarna: niet opnieuw proberen.",
        "Saving succeeds; the bank then says: do not try again.",
    ),
    "card_declined": ("Geweigerde kaart", "Declined card"),
    "card_declined_hint": ("De bank weigert zonder reden.", "The bank refuses without a reason."),
    "card_insufficient": ("Te weinig saldo", "Insufficient funds"),
    "card_insufficient_hint": ("De bank weigert nu al.", "The bank refuses right away."),
    "card_lost": ("Verloren kaart", "Lost card"),
    "card_lost_hint": ("De kaart is verloren gemeld.", "The card was reported lost."),
    "card_expired": ("Verlopen kaart", "Expired card"),
    "card_expired_hint": ("De kaart is niet meer geldig.", "The card is no longer valid."),
    "card_incorrect_cvc": ("Verkeerde veiligheidscode", "Wrong security code"),
    "card_incorrect_cvc_hint": ("De bank herkent de CVC niet.", "The bank does not know the CVC."),
    "card_processing_error": ("Storing bij de bank", "Trouble at the bank"),
    "card_processing_error_hint": ("De bank kan nu niets doen.", "The bank can do nothing now."),
    # Why a card was refused, by Stripe's decline code
    "declined_generic_decline": (
        "De bank heeft de kaart geweigerd. Probeer een andere kaart.",
        "The bank declined the card. Try another card.",
    ),
    "declined_insufficient_funds": (
        "Er staat te weinig geld op de kaart. Probeer een andere kaart.",
        "The card has insufficient funds. Try another card.",
    ),
    "declined_lost_card": (
        "Deze kaart is verloren gemeld. Kies een andere kaart.",
        "This card was reported lost. Choose another card.",
    ),
    "declined_stolen_card": (
        "Deze kaart is gestolen gemeld. Kies een andere kaart.",
        "This card was reported stolen. Choose another card.",
    ),
    "declined_expired_card": (
        "Deze kaart is verlopen. Kies een andere kaart.",
        "This card has expired. Choose another card.",
    ),
    "declined_incorrect_cvc": (
        "De veiligheidscode klopt niet. Probeer het opnieuw of kies een andere kaart.",
        "The security code is not right. Try again or choose another card.",
    ),
    "declined_processing_error": (
        "Er ging iets mis bij de bank. Probeer het zo nog eens.",
        "Something went wrong at the bank. Try again in a moment.",
    ),
    "declined_setup_intent_authentication_failure": (
        "Je hebt de kaart niet bevestigd, dus hij is niet bewaard. Probeer het opnieuw of kies een andere kaart.",
        "You did not confirm the card, so it was not saved. Try again or choose another card.",
    ),
    # 3-D Secure
    "bank_title": ("Bevestig bij je bank", "Confirm with your bank"),
    "bank_lead": (
        "Hier zou je bank vragen of jij het bent (3-D Secure). In de zandbak kies je zelf hoe het afloopt.",
        "Here your bank would ask whether it is you (3-D Secure). In the sandbox you choose how it ends.",
    ),
    "bank_pay": ("Betaling van", "Payment of"),
    "bank_save": ("Kaart bewaren, zonder nu te betalen", "Saving a card, without paying now"),
    "bank_what": ("Wat", "What"),
    "bank_card": ("Kaart eindigend op", "Card ending in"),
    "bank_complete": ("Bevestigen", "Confirm"),
    "bank_fail": ("Niet bevestigen", "Do not confirm"),
    # Onboarding
    "payee_title": ("Geld kunnen ontvangen", "Get ready to receive money"),
    "payee_lead": (
        "Vertel op welke rekening het geld binnenkomt. In de zandbak wordt niets echt overgemaakt.",
        "Tell us which account the money goes to. Nothing is really transferred in the sandbox.",
    ),
    "payee_quick": ("Vul proefgegevens in en rond af", "Fill in test details and finish"),
    "payee_quick_hint": (
        "Met de verzonnen Stichting Voorbeeld en een rekeningnummer van niemand.",
        "With a made-up foundation and an account number that is nobody's.",
    ),
    "payee_type": ("Of typ zelf proefgegevens", "Or type test details yourself"),
    "name": ("Naam van de rekeninghouder", "Name of the account holder"),
    "name_hint": ("Bijvoorbeeld Stichting Voorbeeld", "For example Stichting Voorbeeld"),
    "name_missing": ("Vul de naam van de rekeninghouder in.", "Enter the name of the account holder."),
    "iban": ("Rekeningnummer (IBAN)", "Account number (IBAN)"),
    "iban_hint": ("Bijvoorbeeld {iban}. Gebruik geen echt nummer.", "For example {iban}. Do not use a real one."),
    "iban_incorrect": (
        "Dit rekeningnummer klopt niet. Controleer de letters en cijfers.",
        "This account number is not right. Check the letters and digits.",
    ),
    "payee_finish": ("Afronden", "Finish"),
    "payee_later": ("Later afmaken", "Finish later"),
    # Messages
    "not_found_title": ("Deze pagina bestaat niet", "This page does not exist"),
    "not_found_text": (
        "Controleer het adres, of ga terug naar waar je vandaan kwam.",
        "Check the address, or go back to where you came from.",
    ),
    "broken_title": ("Er ging iets mis in de zandbak", "Something went wrong in the sandbox"),
    "broken_text": (
        "Er is niets veranderd. Probeer het nog eens; blijft het misgaan, lees dan het logboek.",
        "Nothing was changed. Try again; if it keeps happening, read the log.",
    ),
    "completed_title": ("De kaart is al bewaard", "The card is already saved"),
    "completed_text": ("Je hoeft niets meer te doen.", "There is nothing left to do."),
    "expired_title": ("Deze pagina is verlopen", "This page has expired"),
    "expired_text": (
        "Er is geen kaart bewaard. Ga terug en begin opnieuw.",
        "No card was saved. Go back and start again.",
    ),
    "answered_title": ("Hier is al geantwoord", "This was already answered"),
    "answered_text": ("Ga terug om te zien hoe het is afgelopen.", "Go back to see how it ended."),
    "go_on": ("Ga verder", "Continue"),
    "go_back": ("Ga terug", "Go back"),
    # Index
    "index_lead": (
        "Dit programma doet Stripe na op deze computer, zonder internet en zonder geld.",
        "This program stands in for Stripe on this computer, without internet and without money.",
    ),
    "index_state": ("Stand van zaken", "State of affairs"),
    "available": ("Beschikbaar saldo", "Available balance"),
    "pending": ("Onderweg", "Pending"),
    "clock": ("Klok van de zandbak (UTC)", "The sandbox's clock (UTC)"),
    "clock_real": ("loopt gelijk met de echte tijd", "runs with real time"),
    "clock_moved": ("{seconds} seconden verzet", "moved by {seconds} seconds"),
    "webhooks": ("Webhooks gaan naar", "Webhooks go to"),
    "webhooks_none": ("nergens (SANDBOX_WEBHOOK_URL is niet gezet)", "nowhere (SANDBOX_WEBHOOK_URL is not set)"),
    "waiting": ("Nog te bezorgen", "Still to deliver"),
    "faults": ("Geplande storingen", "Planned faults"),
    "faults_none": ("geen", "none"),
    "index_recent": ("Laatst gebeurd", "What happened lately"),
    "kind_payment_intent": ("Betalingen", "Payments"),
    "kind_checkout.session": ("Betaalpagina's", "Checkout sessions"),
    "kind_refund": ("Terugbetalingen", "Refunds"),
    "kind_transfer": ("Overboekingen", "Transfers"),
    "kind_v2.core.account": ("Ontvangers", "Payees"),
    "kind_event": ("Gebeurtenissen", "Events"),
    "none_yet": ("Nog niets.", "Nothing yet."),
    "column_id": ("Kenmerk", "Id"),
    "column_state": ("Stand", "State"),
    "column_amount": ("Bedrag", "Amount"),
    "column_pledge": ("Toezegging", "Pledge"),
    "column_created": ("Gemaakt (UTC)", "Created (UTC)"),
}
WORDS: dict[str, dict[str, str]] = {
    lang: {name: both[place] for name, both in _BOTH.items()} for place, lang in enumerate(LANGUAGES)
}
"""language -> name -> sentence"""
