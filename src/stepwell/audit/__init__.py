"""Who did what to whose record, when, why and from where: append-only and hash-chained.

Record accesses and writes are entries; SQL statements are not. Entries are written only by
`trail.record`, are sealed by the database itself, and can be verified by `stepwell audit verify`.
"""
