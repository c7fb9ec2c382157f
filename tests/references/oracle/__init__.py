"""The metrics of Hotwash written a second time, from their specification alone, to hold the first writing to."""
