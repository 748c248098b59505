"""Teams of AutoGen are recipes. Its agents and tools tell of themselves, and theirs are the spans of them."""

from tachograph.collect.frameworks.declaring import Framework, Unit

FRAMEWORK = Framework(
    "AutoGen",
    "autogen-agentchat",
    (Unit("recipe", "autogen_agentchat.teams._group_chat._base_group_chat:BaseGroupChat.run_stream"),),
)
