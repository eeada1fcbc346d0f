"""Who somebody is: logins, roles, the permission table, second factors, idle lock.

Knows nothing of patients or the clinic; the clinic links its staff, patients and family
members to a login, and asks the table here what a role may do.
"""
