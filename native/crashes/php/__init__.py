"""PHP: uncaught exceptions with those before them, fatal errors, Laravel's log."""
