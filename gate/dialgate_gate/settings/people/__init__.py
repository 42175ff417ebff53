"""Who: people and their keys, roles, accountability, rotas and when what was last looked at."""
