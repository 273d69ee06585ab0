"""MySQL's and MariaDB's error numbers as SQLSTATE, since their drivers give numbers and sort many of them wrongly.

A rule of the table that says no, or a column that is not there, is raised as what an outage is.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

LOGIN, RIGHT, SCHEMA, VIEW = "28000", "42501", "42S02", "55000"
VALUE, DEPENDS, COMPUTED, RAISED = "22000", "23000", "428C9", "P0001"
ROLLED_BACK, BUSY, ENDED, OTHER = "40001", "53000", "57014", "HY000"
_NUMBERS: Final = {
    LOGIN: (1044, 1045, 1129, 1130, 1251, 1698, 1862, 3118),
    RIGHT: (1142, 1143, 1227, 1290, 1370, 1410, 1792, 1836),
    SCHEMA: (1046, 1049, 1051, 1054, 1109, 1146),
    VIEW: (1288, 1348, 1356, 1393, 1394, 1395, 1471),
    VALUE: (1264, 1265, 1292, 1366, 1367, 1369, 1406, 1411, 1416, 1441, 1690, 3140, 3854),
    DEPENDS: (1048, 1062, 1169, 1216, 1217, 1364, 1451, 1452, 1557, 1586, 1761, 1762, 3819, 4025),
    COMPUTED: (1906, 3105),
    RAISED: (1644,),
    ROLLED_BACK: (1020, 1205, 1213, 1614, 3572),
    BUSY: (1021, 1037, 1038, 1040, 1041, 1114, 1203, 1226),
    ENDED: (1028, 1053, 1152, 1154, 1158, 1159, 1160, 1161, 1184, 1317, 1927, 1969, 3024),
}
_STATES: Final = MappingProxyType({number: state for state, numbers in _NUMBERS.items() for number in numbers})
_OF_THE_SERVER: Final = (range(1000, 2000), range(3000, 2**16))
"""The others are the driver's, such as a server that is not there."""


def state_of(error: object) -> str:
    """The SQLSTATE of a driver's error, or an empty text where it tells none.

    Args:
        error: What the driver raised, of whatever database.
    """
    number = next(iter(getattr(error, "args", ())), None)
    if not isinstance(number, int):
        return str(getattr(error, "sqlstate", None) or "")
    # Some drivers give its state as well, which for most of them is that of no error in particular.
    return _STATES.get(number, OTHER if any(number in item for item in _OF_THE_SERVER) else "")
