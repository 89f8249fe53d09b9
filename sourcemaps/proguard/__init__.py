"""Java and Kotlin: frames that ProGuard or R8 renamed, through their mapping files."""
