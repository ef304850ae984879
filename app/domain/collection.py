"""What a collection of figures says about itself: its name, its licence, and who to contact about errors."""

from pydantic import Field

from app.domain.fields import Curated, Text, Url


class Licence(Curated):
    """The terms under which the data may be used."""

    id: Text = Field(description="Its SPDX identifier, such as `CC-BY-4.0`.")
    name: Text = Field(description="Its name, as a sentence says it: MIT licence.")
    url: Url = Field(description="Where its text is.")


class Collection(Curated):
    """A folder of seeds as readers see it: on pages, in citations, in descriptions for catalogues."""

    name: Text = Field(description="What it is called, in a word or two.")
    title: Text = Field(description="Its full title, as a citation gives it.")
    description: Text = Field(description="What it holds, in a sentence or two.")
    creator: Text = Field(description="Who makes it, as a citation gives it.")
    licence: Licence
    keywords: list[Text] = Field(default=[], description="Words by which catalogues find it.")
    contact: Text | None = Field(default=None, description="Where to report an error: an e-mail address or a page.")
    address: Url | None = Field(
        default=None,
        description="The address in permalinks, unless `UPHELD_PUBLIC_URL` gives another.",
    )
