"""The public holidays of a country, from the `holidays` library: asked once for each plan, which keeps the answer."""

from datetime import date

from domain.refusal import Refused

LANGUAGE = "en_US"


def holidays_in(country: str, subdivision: str | None, first: date, last: date) -> dict[date, str]:
    """Those from `first` to `last` by name, in English where it is known; also days off for one on a weekend.

    country: ISO 3166-1, two letters; subdivision: as the library has it, mostly ISO 3166-2 without the country.
    Refused: unknown_country, unknown_subdivision, holidays_unknown (years that the library knows nothing of).
    """
    # Not above: it takes 10 MB and 50 ms, of which a target without a country has no need.
    import holidays
    from holidays.registry import EntityLoader

    if country not in EntityLoader.get_country_codes(include_aliases=False):
        raise Refused(
            "unknown_country",
            f"{country[:40]!r} is no country whose holidays are known: name it by two capital letters, such as US",
            "/calendar/country",
        )
    about = getattr(holidays, country)
    if subdivision is not None and subdivision not in about.subdivisions:
        known = f"it has {', '.join(about.subdivisions)}" if about.subdivisions else "it has none"
        raise Refused(
            "unknown_subdivision",
            f"{subdivision[:40]!r} is no subdivision of {country} with holidays of its own: {known}",
            "/calendar/subdivision",
        )
    if first.year < about.start_year or last.year > about.end_year:
        raise Refused(
            "holidays_unknown",
            f"the holidays of {country} are known from {about.start_year} to {about.end_year}: leave the country out,"
            " and list them under days",
            "/calendar/country",
        )
    found = holidays.country_holidays(
        country,
        subdivision,
        years=range(first.year, last.year + 1),
        # Never left out: the library would take the language from the environment of whoever runs this.
        language=LANGUAGE if LANGUAGE in about.supported_languages else about.default_language,
        categories="public",
    )
    return {day: name for day, name in sorted(found.items()) if first <= day <= last}
