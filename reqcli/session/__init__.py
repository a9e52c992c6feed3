"""What a session is: its state, the document it is kept as, the operations that change it, how it bends requests."""
