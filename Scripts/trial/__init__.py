"""Running a built Antipode with peers around it: for the demonstration and for the path tests."""
