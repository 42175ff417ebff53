"""The example's agent: a scripted stand-in for a model, standard library only.

Entry point: `agent.support_desk:respond`.
"""
