"""The inspector: a form over what is selected. It shows the document and changes it only through edits."""
