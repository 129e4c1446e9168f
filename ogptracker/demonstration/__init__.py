"""An invented plan to practise on (`fixtures/demonstration/*.yaml`), and the way from there into the database.

`quarters` counts its six quarters from the day it is loaded, `promises` writes what is promised and by whom, `ratings`
what the government says of it, `answers` what organisations answer. What lies in the past is written as it would stand
there by now; what happens today goes through the verbs of `assessments.lifecycle`.
"""

SLUG = "demonstration"
