"""What is said of each test card and test account, and why one was refused: Dutch and English side by side."""

CHOICES: dict[str, tuple[str, str]] = {
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
    "card_disputed": ("Betwist als fraude", "Disputed as fraud"),
    "card_disputed_hint": (
        "Afschrijven lukt; de houder zegt meteen daarna dat hij het niet was.",
        "Charging succeeds; right afterwards the holder says it was not them.",
    ),
    "card_not_received": ("Betwist: niets ontvangen", "Disputed: nothing received"),
    "card_not_received_hint": (
        "Afschrijven lukt; de houder zegt dat hij niets heeft gekregen.",
        "Charging succeeds; the holder says they received nothing.",
    ),
    "card_inquired": ("Navraag van de bank", "Inquiry by the bank"),
    "card_inquired_hint": (
        "Afschrijven lukt; de bank stelt een vraag, zonder geld terug te halen.",
        "Charging succeeds; the bank asks a question, without taking money back.",
    ),
    "card_warned_of": ("Waarschuwing voor fraude", "Early fraud warning"),
    "card_warned_of_hint": (
        "Afschrijven lukt; de bank meldt dat het misschien fraude is.",
        "Charging succeeds; the bank reports that it may be fraud.",
    ),
    "card_refund_later": ("Terugbetalen duurt even", "Refunds take a while"),
    "card_refund_later_hint": (
        "Een terugbetaling is eerst onderweg en komt later aan.",
        "A refund is pending first and arrives later.",
    ),
    "card_refund_fails": ("Terugbetalen mislukt later", "Refunds fail later"),
    "card_refund_fails_hint": (
        "Een terugbetaling lijkt te lukken en komt later terug.",
        "A refund seems to succeed and comes back later.",
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
    # Accounts
    "account_good": ("Goede rekening", "Good account"),
    "account_good_hint": ("Afschrijven lukt na enkele seconden.", "A debit succeeds after some seconds."),
    "account_good_later": ("Afschrijven lukt na drie minuten", "A debit succeeds after three minutes"),
    "account_good_later_hint": ("Tot die tijd is de betaling onderweg.", "Until then the payment is pending."),
    "account_slow": ("Afschrijven lukt na zes dagen", "A debit succeeds after six days"),
    "account_slow_hint": ("Zo lang als het in het echt kan duren.", "As long as it can take in reality."),
    "account_empty": ("Te weinig saldo", "Insufficient funds"),
    "account_empty_hint": (
        "Afschrijven mislukt na enkele seconden, elke keer.",
        "A debit fails after some seconds, every time.",
    ),
    "account_slow_empty": ("Te weinig saldo, na zes dagen", "Insufficient funds, after six days"),
    "account_slow_empty_hint": (
        "Pas na zes dagen blijkt dat er te weinig saldo is.",
        "Only after six days it turns out that funds are insufficient.",
    ),
    "account_empty_once": ("Eén keer te weinig saldo", "Insufficient funds once"),
    "account_empty_once_hint": (
        "De tweede poging om af te schrijven lukt.",
        "The second attempt to debit succeeds.",
    ),
    "account_fails": ("De bank kan niets doen", "The bank cannot process it"),
    "account_fails_hint": ("Afschrijven mislukt zonder reden.", "A debit fails without a reason."),
    "account_fails_later": ("De bank kan niets doen, na drie minuten", "The bank cannot process it, in three minutes"),
    "account_fails_later_hint": ("Tot die tijd is de betaling onderweg.", "Until then the payment is pending."),
    "account_not_authorized": ("Machtiging ingetrokken", "Mandate withdrawn"),
    "account_not_authorized_hint": (
        "Afschrijven mislukt en de machtiging geldt niet meer.",
        "A debit fails and the mandate no longer holds.",
    ),
    "account_over_volume": ("Boven de weekgrens van de rekening", "Over the account's weekly volume"),
    "account_over_volume_hint": ("Afschrijven mislukt.", "A debit fails."),
    "account_over_weekly": ("Boven de weekgrens voor bedragen", "Over the weekly transaction limit"),
    "account_over_weekly_hint": ("Afschrijven mislukt.", "A debit fails."),
    "account_disputed": ("Meteen teruggehaald", "Reversed at once"),
    "account_disputed_hint": (
        "Afschrijven lukt; de houder haalt het geld meteen terug.",
        "A debit succeeds; the holder takes the money back at once.",
    ),
    "account_reversed_later": ("Na zes weken teruggehaald", "Reversed after six weeks"),
    "account_reversed_later_hint": (
        "Afschrijven lukt; zes weken later haalt de houder het geld terug.",
        "A debit succeeds; six weeks later the holder takes the money back.",
    ),
    "account_early_then_empty": ("Geld komt en gaat weer", "Money comes and goes"),
    "account_early_then_empty_hint": (
        "Het geld staat al op het saldo als na drie minuten blijkt dat er te weinig was.",
        "The money is in the balance when after three minutes funds turn out to be insufficient.",
    ),
    "account_refund_fails": ("Terugbetalen mislukt later", "Refunds fail later"),
    "account_refund_fails_hint": (
        "Afschrijven lukt; een terugbetaling komt later terug.",
        "A debit succeeds; a refund comes back later.",
    ),
    "account_bank_not_supported": ("Bank doet niet mee", "Bank does not take part"),
    "account_bank_not_supported_hint": (
        "Deze bank kent geen automatische incasso.",
        "This bank does not do direct debits.",
    ),
    "account_debits_not_supported": ("Rekening zonder incasso", "Account without debits"),
    "account_debits_not_supported_hint": (
        "Van deze rekening kan niet worden afgeschreven.",
        "This account cannot be debited.",
    ),
    # Why a card or an account was refused, by Stripe's code
    "declined_payment_method_customer_decline": (
        "Je bent bij je bank gestopt, dus er is niets bewaard. Probeer het opnieuw of kies een andere manier.",
        "You stopped at your bank, so nothing was saved. Try again or choose another way.",
    ),
    "declined_ideal_setup_intent_authentication_failure": (
        "Je bank heeft niet bevestigd, dus er is niets bewaard. Probeer het opnieuw of kies een andere manier.",
        "Your bank did not confirm, so nothing was saved. Try again or choose another way.",
    ),
    "declined_sepa_debit_bank_not_supported": (
        "Deze bank doet niet mee aan automatische incasso. Kies een andere rekening.",
        "This bank does not do direct debits. Choose another account.",
    ),
    "declined_bank_account_unusable": (
        "Van deze rekening kan niet worden afgeschreven. Kies een andere rekening.",
        "This account cannot be debited. Choose another account.",
    ),
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
}
