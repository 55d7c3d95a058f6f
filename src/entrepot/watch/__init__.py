"""Watch: a scan as people ask for it, answered on paper, and compared with the last one."""
