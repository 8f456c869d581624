"""The Kafka feed's parts: options, connection, values, the group's member, lag."""
