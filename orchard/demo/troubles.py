"""What the technicians of the demonstration county find, say and prescribe; all invented."""

from orchard.tasks.models import State as TaskState
from orchard.visits.rules import Outcome

HEARD = "电话里说清楚了，先不用上门。"
# What was found for which trouble: diagnosis, words, action, product.
FOUND = {
    "yellow": [("hunger", "老叶黄化，新叶正常", "fertilise", "复合肥，每株半斤")],
    "insects": [
        ("red_mite", "叶背有红蜘蛛，一片叶三四头", "spray", "螺螨酯，按标签用"),
        ("leafminer", "嫩梢有潜叶蛾虫道", "spray", "阿维菌素，按标签用"),
    ],
    "spots": [("anthracnose", "叶尖有褐斑", "spray", "代森锰锌，按标签用")],
    "fruit": [
        ("cracking", "雨后裂果，树盘忽干忽湿", "water", "三四天浇一次，浇透"),
        ("fruit_fly", "落果里有虫", "bait", "挂诱杀瓶，一亩十个"),
    ],
    "twigs": [("waterlogging", "沟浅积水，须根发黑", "drain", "沟挖深到半米")],
    "unknown": [("red_mite", "叶面发灰，有红蜘蛛", "spray", "矿物油，按标签用")],
}
SOUND = ("natural_drop", "正常落果，树势好")
SECOND = ("watch", "")
STATES: dict[Outcome | None, TaskState] = {
    None: TaskState.OPEN,
    Outcome.NOT: TaskState.SKIPPED,
}
