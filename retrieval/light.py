"""Words of asking: they name nothing that a table would hold."""

from __future__ import annotations

from retrieval.spans import GENERIC, STOPWORDS, plain

_LIGHT = """
break compute calculate determine fetch retrieve compare summarise summarize plot chart draw exclude ignore assume
consider present return output member against too also plus minus
busiest oldest newest earliest greatest cheapest priciest dearest farthest nearest closest youngest recent
able according accounted active actually add again ago ahead all allowed already always amount anybody apart appear
around ask available back based bear become begin belong besides better boss bring broken call called care carry
case change check chosen collect combined compared consist contain count currently deal decide different done down
due else end ended enough equal etc even exactly except exist far few fewer figure fill final following former
found full further gave general give given goes going gone gotten group grow had hand handle happen head held help
here hold identify include including individual instead involved join just keep kept know known late later leave
left less like likely list live long look lose lost lots lot made make making manage manner mean meant meet mention
monthly more move much multiple name named names need needed new next nice normally note number occur occurred off
offer often old ones ongoing open operate order others otherwise overall own part particular people perform
person piece pieces place please plus point possible present previous previously print provide pull put quite range
rank rather ratio really receive recently regular relate report represent respective respectively result right round
run same save say see seen sent separate set several share short show side single sit size skip so sort spend spread
stand start started stay still stop such sure take taken takes tell term terms thing think time times today together
told took toward true try turn twice type types typical typically unit unless use used using usual usually value
various view visit want way ways went whatever whether whole work worked working works write yearly yes daily weekly
hourly annual annually half third quarter century decade summer winter spring autumn fall season morning evening
night noon midnight weekend weekday hour hours minute minutes second seconds date dates period calendar currency
ours yours theirs his her hers him she he they its mine myself ourselves
another looks brings brought counts counted counting thousands millions everybody
euro euros dollar dollars cent cents pound pounds km kg kwh mwh tonne tonnes percent percentage proportion fraction
difference growth increase decrease ranking maximum minimum median mode top bottom best worst good bad
alphabetically alphabetical ascending descending chronological distinct unique duplicate empty blank null unknown
missing lack lacking without none zero once hundred thousand million billion dozen couple pair pairs both either
neither nor other some now pls plz thx
rest remaining remain total totals sum altogether entire entirely average averages headcount breakdown
split distribution overview summary anyone everyone someone nobody
"""
LIGHT = frozenset(_LIGHT.split()) | frozenset(plain(word) for word in STOPWORDS) | GENERIC
"""Words of asking, counting and ordering, and verbs that say little."""
