"""Invented names and numbers; the same seed gives the same ones."""

from collections.abc import Iterator
from datetime import datetime
from random import Random
from uuid import UUID

SURNAMES = "刘李王张陈杨黄周吴徐胡朱高林何郭马罗梁宋郑谢唐邓曾肖田董潘袁蔡蒋余杜叶程苏魏吕丁"
GIVEN = "德全明华国平志强光荣永兴朝富世清云贵正才天福秀英桂芳玉珍素琼兴碧春学文传友良成绍先"
LAND = (
    "屋后坡 大湾 堰塘边 上坝 老鹰岩 石盘田 黄桷树 水井湾 窑坪 柏树林 庙梁 新土 晒坝 油房沟 "
    "桐子坡 长田 观音岩 竹林湾 瓦厂 龙洞 凉水井 向阳坡 马鞍山 枇杷湾 碾盘 沙田 茶园 青杠坡"
)
INVENTED_PHONES = 13900000000  # numbers of this block stand for nobody; the README says so


def people(rng: Random) -> Iterator[str]:
    """Yield names of people who do not exist, two or three characters long."""
    while True:
        length = 2 if rng.random() < 0.7 else 1
        yield rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, length))


def plot_name(rng: Random) -> str:
    """Return what a family would call a piece of land."""
    name = rng.choice(LAND.split())
    return name if rng.random() < 0.6 else name + rng.choice("一二三上下东西")


def phone(number: int) -> str:
    """Return an invented phone number in stored form."""
    return f"+86{INVENTED_PHONES + number}"


def seeded_id(rng: Random, at: datetime) -> UUID:
    """Return a version 7 UUID whose chance comes from the seed."""
    milliseconds = int(at.timestamp() * 1000)
    chance = (0x7 << 76) | (rng.getrandbits(12) << 64) | (0b10 << 62) | rng.getrandbits(62)
    return UUID(int=(milliseconds << 80) | chance)
