"""The controller: visits, journeys, money, journal, platform client, recovery, command line."""
