"""What a case costs while the store holds ever more of them."""


def measure(*_):
    pass
