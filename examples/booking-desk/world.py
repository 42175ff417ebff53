"""The hotel's bookings, as the tools see and change them: a world for each trial."""


class ToolError(Exception):
    """What a tool answers where it can't."""


class World:
    """Twenty bookings, B-101 to B-120."""

    def __init__(self):
        self.bookings = {
            f"B-{number}": {
                "guest": f"guest {number}",
                "date": f"2027-03-{number - 100:02}",
                "deposit": 20 + number % 7 * 5,
                "breakfast": False,
                "status": "booked",
            }
            for number in range(101, 121)
        }

    def call(self, name, arguments):
        """The tool's result; raises ToolError where there is no such booking or no way."""
        if name == "call_manager":
            return {"status": "called"}
        booking = self.bookings.get(arguments["booking"])
        if booking is None:
            raise ToolError("there is no booking " + arguments["booking"])
        if name == "find_booking":
            return booking
        if booking["status"] != "booked":
            raise ToolError("the booking is " + booking["status"])
        if name == "change_date":
            booking["date"] = arguments["date"]
        elif name == "add_breakfast":
            booking["breakfast"] = True
        elif name == "cancel_booking":
            booking["status"] = "cancelled"
        elif name == "refund_deposit":
            if arguments["amount"] > booking["deposit"]:
                raise ToolError("more than the deposit")
            booking["deposit"] -= arguments["amount"]
        return {"status": "ok"}

    def state(self):
        """Every booking as it stands."""
        return self.bookings
