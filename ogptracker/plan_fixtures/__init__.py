"""The plans as files (`fixtures/*.yaml`), and the way from there into the database.

`tables` says what a file may hold, `reading` reads and checks the files, `writing` brings their records into the
database.
"""
