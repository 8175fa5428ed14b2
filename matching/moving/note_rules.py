"""What can be wrong with a line of another tool's file, and what to do about it. Pure."""

from crowd.shared.errors import Invalid, msg


class Torn(Invalid):
    """More values than the first line names."""

    sentence = msg("This line has more values than there are columns. Look for a separator inside a value.")


class NoKey(Invalid):
    """Nothing by which this is known the next time."""

    sentence = msg("There is no number and no e-mail address, so this person would be added again each time. Add one.")


class NoKeyOfOther(Invalid):
    """No number, and what else would be known by is empty too."""

    sentence = msg("There is no name here. Fill it in.")


class KeyTooLong(Invalid):
    """A number of hundreds of characters is no number."""

    sentence = msg("The number is longer than {most} characters. Is the right column chosen?")


class Gone(Invalid):
    """The other tool says that this person was turned away or left."""

    sentence = msg("Left out: the other tool says “{status}”.")


class TooYoung(Invalid):
    """Younger than anybody may help here."""

    sentence = msg("Left out: {age} years old, and volunteers are at least {least}.")


class SameAsLine(Invalid):
    """The same one, further up in the file."""

    sentence = msg("The same as line {line}.")


class NameMade(Invalid):
    """No name: one was made of the number."""

    sentence = msg("There is no name, so we call this person {name}.")


class AddressLeftOut(Invalid):
    """Not an e-mail address; the person is known by the number."""

    sentence = msg("The e-mail address cannot be right, so it is left out. Correct it in the file or ask for it.")


class ElsewherePostcode(Invalid):
    """Not a postcode of this municipality."""

    sentence = msg("Postcode {postcode} is not in this municipality, so it is left empty.")


class UnknownWords(Invalid):
    """Skills, languages or times we have no word for."""

    sentence = msg("Not known here, and left out: {words}. Add them to the list of skills first if you want them.")


class DayNotRead(Invalid):
    """No date."""

    sentence = msg("“{text}” is no date we can read, so it is left empty. Write it as 31-12-1990.")


class TitleCut(Invalid):
    """A name that is too long for a role."""

    sentence = msg("The name is longer than {most} characters. It is cut off, and stands whole in the description.")


class AgeRounded(Invalid):
    """Not one of the ages that can be asked."""

    sentence = msg("A minimum age of {age} cannot be asked, so it became {asked}.")


class InitiativeNotFound(Invalid):
    """No initiative of that name takes help."""

    sentence = msg("No initiative here is called {name}. Correct it, or choose one for the whole file.")


class RoleNotKnown(Invalid):
    """A session of a role that is not there."""

    sentence = msg("The role {role} is not known. Read in the file with roles first, from the same tool.")


class NoMoment(Invalid):
    """A session without a day or a time."""

    sentence = msg("There is no date or time, so there is nothing to plan.")


class MomentNotRead(Invalid):
    """A day or time that is none."""

    sentence = msg("“{text}” is no date or time we can read. Write it as 31-12-2026 and 13:30.")


class KeptAsHistory(Invalid):
    """A session that is over."""

    sentence = msg("This is over, so it is kept as history: nobody can sign up.")


class PlaceUnknown(Invalid):
    """No postcode area to meet in."""

    sentence = msg("Postcode {postcode} is not in this municipality, and a session needs a place. Correct it.")


class PlaceOfInitiative(Invalid):
    """Another place than the file says."""

    sentence = msg("Postcode {postcode} is not in this municipality, so the place is that of the initiative.")
