"""Word lists for invented names. Plants and made-up trades, so that nobody real is meant."""

PLANTS = (
    "Alder", "Arnica", "Bramble", "Bracken", "Burdock", "Campion", "Catkin", "Chicory", "Clover",
    "Comfrey", "Cowslip", "Dogwood", "Elder", "Fennel", "Figwort", "Foxglove", "Furze", "Gentian",
    "Gorse", "Hawthorn", "Hyssop", "Juniper", "Knapweed", "Larch", "Linden", "Lovage", "Madder", "Mallow",
    "Medlar", "Mullein", "Nettle", "Oakmoss", "Pimpernel", "Quince", "Rowan", "Rushlight", "Samphire",
    "Sedge", "Sorrel", "Speedwell", "Spindle", "Sumac", "Tamarack", "Tansy", "Teasel", "Thistle",
    "Trefoil", "Valerian", "Vetch", "Willowherb", "Woodruff", "Yarrow",
)  # fmt: skip
TRADES = (
    "Bellfounder", "Boatcaulker", "Candlewick", "Chartmaker", "Cheesewarden", "Clockmender",
    "Ferrykeeper", "Gatewarden", "Glassblow", "Hedgelayer", "Inkmaker", "Kilnkeeper", "Lampwright",
    "Lockkeeper", "Millwarden", "Netmender", "Oarshaver", "Papermill", "Quarryman", "Reedcutter",
    "Ropewinder", "Sailstitch", "Saltpanner", "Shinglesplit", "Stonedresser", "Tidewatch", "Tilemaker",
    "Towpath", "Wheelturner", "Woolcarder",
)  # fmt: skip
PLACE_WORDS = (
    "Anchor", "Bellbuoy", "Beechmast", "Breakwater", "Brickfield", "Cannery", "Chandlery", "Cinder",
    "Coopers", "Cormorant", "Crabapple", "Curlew", "Drawbridge", "Drydock", "Eelgrass", "Fiddlehead",
    "Foundry", "Gannet", "Granary", "Guillemot", "Hemlock", "Icehouse", "Kelp", "Kestrel", "Kingfisher",
    "Lapwing", "Limekiln", "Lobster", "Maltings", "Meadowlark", "Moorhen", "Elmstead", "Oakapple",
    "Osprey", "Oyster", "Pepperwood", "Plover", "Pumphouse", "Sandpiper", "Standstone", "Shipwright",
    "Signal", "Slipway", "Spruce", "Stonecrop", "Sycamore", "Tern", "Thornbury", "Tidal", "Tollgate",
    "Tupelo", "Turnstone", "Waterwheel", "Weighhouse", "Whimbrel", "Windlass", "Windmill",
)  # fmt: skip
SITE_KINDS = (
    "Elementary School", "Elementary School", "Elementary School", "Middle School", "Branch Library",
    "Branch Library", "Community Hall", "Community Hall", "Recreation Center", "Fire Station",
    "Senior Center", "Grange Hall", "Ice Rink",
)  # fmt: skip
STREET_KINDS = ("Street", "Street", "Street", "Avenue", "Avenue", "Lane", "Road", "Row", "Hill")
LANGUAGES = ("en", "es", "pt", "fr", "zh", "vi", "so", "ht")
SKILLS = ("canvass", "phone_bank", "drive", "poll_watch", "legal", "interpret", "dispatch")
