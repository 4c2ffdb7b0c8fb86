"""Every documented site has a currency, a clock and a country."""

from zoneinfo import ZoneInfo

from pipeline.frames import sites


def test_every_documented_site_has_a_currency_and_a_clock() -> None:
    frame = sites.frame()
    assert frame.columns == list(sites.SCHEMA)
    assert frame["site_id"].to_list() == [
        *("CBT", "MBO", "MCO", "MCR", "MCU", "MEC", "MGT", "MHN", "MLA", "MLB"),
        *("MLC", "MLM", "MLU", "MLV", "MNI", "MPA", "MPE", "MPY", "MRD", "MSV"),
    ]
    assert frame.filter(site_id="MLC").rows() == [
        ("MLC", "Chile", "CLP", "America/Santiago")
    ]
    assert [ZoneInfo(zone).key for zone in frame["time_zone"]] == list(
        frame["time_zone"]
    )
