"""Which columns are asked for, and how a pivot says them."""

from __future__ import annotations

from agents.code.writers.composed.wording.rule import table

RULES = table(
    (r"(?:^|(?<=[,;.(]))\s*(?:and |but )?(?:where|if|when) (?:the |a |there is no )?(?P<w>[\w ]{2,30}?) (?:is|are"
     r"|was) (?:not known|not set|not given|unknown|missing|null|empty),? (?:then )?(?:call|show|put|use|label|name"
     r"|set|write|report)(?: it| them| that| the [\w ]{2,20}?)?(?: as| to| with)? (?=['\"“‘])",
     r" show missing \g<w> as "),
    (r",? as (?P<l>[a-z]\w*(?:, [a-z]\w*)+(?:,? and [a-z]\w*)?)(?=\.(?: |$)|;|$)", r". Columns \g<l>"),
    (r"\b(?:as|in|into|for) (?:\d+|two|three|four|five|six|seven|eight|separate|their own|own|different|distinct"
     r"|individual) (?:separate )?columns\b(?=\s*(?:[.,;)]|$))", "in separate columns"),
    # A pivot whose rows and columns are told again.
    (r"^(?:pivot(?:ed)?(?: table)?|cross-?tab\w*|matrix) (?:of|for|with) (?P<what>[\w ]+?) by [\w ]+? and [\w ]+?"
     r"(?=\s*[:.](?=.*\brows? (?:per|for each)\b))", r"\g<what>"),
    (r",?\s*(?:and |with )?(?:one |separate )?columns? (?P<all>[\w-]+(?:, [\w-]+)*,? and [\w-]+) (?:with|holding"
     r"|containing|showing|giving|counting|that hold|each with|for) (?:the )?(?P<much>[\w ]+?)(?=\s*(?:[.;]|$))",
     r", \g<much>. Columns \g<all>"),
    (r"(?:,|\s)+(?:next to|beside|alongside|with|and|along with|together with|compared (?:with|to)|versus"
    r"|vs\.?|against|plus) "
     r"(?:the |that of the |those of the )?(?:previous|prior|preceding) (?:day|week|month|quarter"
     r"|year)(?:['’]s)?(?: (?!and\b)\w+){0,2}(?:,? and (?:the )?(?:absolute |percentage |relative "
     r"|percent )?(?:difference|change|growth|delta))?(?=\s*[.,;:].*\b(?:prev|previous|prior|preceding)_)", ""),
)  # fmt: skip
