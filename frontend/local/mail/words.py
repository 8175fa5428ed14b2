"""The mailbox's few words, in Dutch and English."""

from collections.abc import Mapping

_WORDS: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "title": "Postbus van de demo",
        "about": "Alle e-mail van deze demo komt hier aan. Er wordt niets echt verstuurd.",
        "search": "Zoek op ontvanger",
        "find": "Zoek",
        "all": "Alle berichten",
        "none": "Nog geen berichten.",
        "none_to": "Geen berichten voor deze ontvanger.",
        "older": "Oudere berichten",
        "from": "Van",
        "to": "Aan",
        "received": "Ontvangen",
        "no_subject": "(geen onderwerp)",
        "attachments": "Bijlagen",
        "formatted": "Opgemaakt",
        "plain": "Als tekst",
        "source": "Bron",
        "other": "English",
        "other_lang": "en",
    },
    "en": {
        "title": "The demo's mailbox",
        "about": "All e-mail of this demo arrives here. Nothing is really sent.",
        "search": "Search by recipient",
        "find": "Search",
        "all": "All messages",
        "none": "No messages yet.",
        "none_to": "No messages for this recipient.",
        "older": "Older messages",
        "from": "From",
        "to": "To",
        "received": "Received",
        "no_subject": "(no subject)",
        "attachments": "Attachments",
        "formatted": "Formatted",
        "plain": "As text",
        "source": "Source",
        "other": "Nederlands",
        "other_lang": "nl",
    },
}


def choose_language(*, asked: str, accepts: str) -> str:
    """The language asked for, else the browser's first that we speak, else Dutch."""
    wishes = [asked, *(wish.partition(";")[0].strip()[:2].lower() for wish in accepts.split(","))]
    return next((wish for wish in wishes if wish in _WORDS), "nl")


def words(language: str) -> Mapping[str, str]:
    """The words of that language."""
    return _WORDS[language]
