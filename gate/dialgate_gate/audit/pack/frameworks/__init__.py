"""The declared tables: places of each framework in own words, and what bears on them."""

from dialgate_gate.audit.pack.frameworks.eu_ai_act import EU_AI_ACT
from dialgate_gate.audit.pack.frameworks.iso_42001 import ISO_42001
from dialgate_gate.audit.pack.frameworks.nist_ai_rmf import NIST_AI_RMF

FRAMEWORKS = (EU_AI_ACT, ISO_42001, NIST_AI_RMF)
