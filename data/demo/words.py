"""Word lists from which names are made. All names of people, businesses and artists are invented."""


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = {
    "english": "Olivia Noah Emma Liam Grace Henry Ruby Jack Alice Owen Hannah Ethan Claire Marcus Nora Felix",
    "hispanic": "Sofía Mateo Valentina Diego Lucía Andrés Camila Joaquín Elena Raúl Inés Tomás Marisol Óscar",
    "french": "Chloé Hugo Amélie Théo Zoé Étienne Léa Rémi Margaux Loïc Élodie Benoît Noémie François",
    "japanese": "Yuki Haruto Sakura Ren Aoi Daiki Hina Kenji Mei Takumi Rin Sora Emi Kaito",
    "chinese": "Wei Lin Jing Hao Mei-Ling Jun Xiu Yan Bo Ying Lei Fang Zhen Qiang",
    "indian": "Priya Arjun Ananya Rohan Kavya Vikram Meera Aditya Isha Sanjay Divya Kiran Neha Rahul",
    "arabic": "Layla Omar Amira Yusuf Nour Karim Salma Hassan Farah Tariq Yasmin Samir Rania Bilal",
    "german": "Jürgen Anneliese Björn Käthe Lukas Freya Søren Astrid Matthias Ingrid Jonas Greta Åsa Nils",
    "african": "Amara Kwame Zainab Chidi Adaeze Kofi Thandiwe Tunde Nia Sekou Wanjiru Babajide Ayo Makena",
    "slavic": "Zofia Łukasz Milena Dušan Katarzyna Ivan Jana Mirek Svetlana Aleš Petra Stanisław Vesna",
}
LAST = {
    "english": "Carter Hughes Bennett Walsh Foster Reid Palmer Griffin Shaw Barker O'Neill Lawson Marsh",
    "hispanic": "García Hernández Núñez Ibáñez Rojas Peña Castillo Vargas Gutiérrez Molina Ríos Acuña",
    "french": "Lefèvre Moreau Girard Béranger Dupont Chevalier Roussel Faure Lemoine Côté Tremblay Gagné",
    "japanese": "Tanaka Suzuki Watanabe Itō Kobayashi Nakamura Yamamoto Saitō Mori Fujita Hayashi Ogawa",
    "chinese": "Chen Wang Liu Zhao Huang Zhou Xu Sun Ma Guo Luo Tang Deng Feng",
    "indian": "Sharma Patel Iyer Reddy Banerjee Kapoor Nair Desai Gupta Menon Chopra Kulkarni Rao Joshi",
    "arabic": "Haddad Khalil Mansour Najjar Aziz Farouk Saleh Rahman Nasser Qureshi Hamdan Idris Jaber",
    "german": "Müller Schäfer Weiß Krüger Lindqvist Sørensen Hansen Bergström Vogel Köhler Nygård Brandt",
    "african": "Okafor Mensah Adeyemi Diallo Nkosi Mwangi Eze Boateng Traoré Abebe Kamau Sowande Osei",
    "slavic": "Kowalska Nowak Dvořák Novotný Horvat Petrov Wójcik Jovanović Svoboda Marković Zieliński",
}
CULTURES = {
    "US": {
        "english": 0.46,
        "hispanic": 0.2,
        "chinese": 0.07,
        "indian": 0.07,
        "african": 0.08,
        "german": 0.06,
        "slavic": 0.03,
        "arabic": 0.03,
    },
    "GB": {"english": 0.58, "indian": 0.14, "african": 0.09, "slavic": 0.08, "arabic": 0.06, "french": 0.05},
    "CA": {"english": 0.44, "french": 0.24, "chinese": 0.11, "indian": 0.11, "slavic": 0.05, "arabic": 0.05},
    "AU": {"english": 0.6, "chinese": 0.14, "indian": 0.1, "german": 0.08, "slavic": 0.04, "arabic": 0.04},
    "FR": {"french": 0.66, "arabic": 0.14, "african": 0.1, "hispanic": 0.06, "german": 0.04},
    "JP": {"japanese": 0.92, "chinese": 0.05, "english": 0.03},
}

ADJECTIVES = _list("""
Blue Golden Little Silver Old Copper Crimson Quiet Wild Bright Velvet Amber Hidden Lucky Northern
Ivory Rustic Brave Salty Misty Humble Electric Gentle Rolling Scarlet Sunny Twin Urban Vivid Winter
Emerald Honest Jolly Tidal Paper Broken Midnight Hollow Neon Distant Restless Painted Burning Frozen
Lonely Marble Secret Crystal
""")
NOUNS = _list("""
Heron Cedar Maple Fox Harbor Lantern Willow Anchor Sparrow Orchard Juniper Otter Meadow Raven
Compass Birch Magnolia Badger Clover Falcon Granite Hazel Ivy Kestrel Lotus Mill Oak Pebble Quail
River Stone Thistle Umbrella Violet Wren Acorn Bison Canyon Dahlia Ember Fern Garnet Hollyhock Iris
Jasper Koala Lark Marigold
""")
PLURALS = _list("""
Lanterns Foxes Kites Mirrors Rivers Sparrows Machines Tigers Letters Shadows Comets Gardens Wolves
Sailors Engines Poets Rabbits Satellites Orchids Strangers Clocks Harbors Daughters Pilots Pines
Owls Islands Voices Bells Cities
""")
THINGS = _list("""
Kite Season Parade Motel Cinema Avenue Arcade Hotel Theory Ritual Signal Carnival Summer Empire
Machine Weather Museum Garden Static Polaroid Meridian Fever Riot Choir Coast Radio Orbit Lagoon
Prism Tide
""")
COINED = _list("""
Aurelio Velora Nyx Solenne Kaori Brume Zephyra Tamsin Oriel Lumen Sable Marlowe Ondine Juno Vesper
Ilex Caspian Ottoline Rune Saoirse Quill Thessaly Wilder Zaira Bexley Calder Dune Elowen Fable
Halcyon Indra Jorah Kestra Lyric Mirth Noor Pax Reverie Sonder Talia
""")
FEELINGS = _list("""
Hold Leave Find Follow Remember Carry Forget Call Meet Wake Promise Believe Chase Wait Break Dance
Dream Drift Fall Burn Run Shine Sing Stay
""")
PLACES = _list("""
Tomorrow Tonight Again Slowly Forever Home Alone Softly Outside Anyway Somehow Sideways Inside
Somewhere Underwater Together Backwards Anymore Twice Today
""")

SUFFIXES = {
    "restaurant": ("Kitchen", "Grill", "Bistro", "Table", "Diner", "Tavern"),
    "cafe": ("Cafe", "Coffee", "Roasters", "Tea House", "Espresso", "Bakery"),
    "retail": ("Goods", "Outfitters", "Boutique", "Books", "Mercantile", "Toys"),
    "grocery": ("Market", "Grocers", "Pantry", "Greens", "Foods", "Larder"),
    "beauty": ("Salon", "Spa", "Barbers", "Nails", "Beauty", "Hair Studio"),
    "fitness": ("Gym", "Yoga", "Fitness", "Pilates", "Climbing", "Cycle Club"),
    "repair": ("Repairs", "Garage", "Bike Works", "Electric", "Plumbing", "Phone Fix"),
    "travel": ("Travel", "Tours", "Inn", "Voyages", "Lodge", "Car Hire"),
}
NOTES = (
    "rent",
    "dinner",
    "thanks!",
    "groceries",
    "gas money",
    "happy birthday 🎂",
    "coffee ☕",
    "tickets",
    "pizza 🍕",
    "for the weekend",
    "utilities",
    "merci beaucoup",
    "lunch",
    "phone bill",
    "concert",
    "gift",
    "split the cab",
    "electricity",
    "your half",
    "holiday house",
    "café",
    "book club",
    "sorry I'm late",
    "IOU",
    "football",
    "ありがとう",
)
MODELS = {
    "ios": ("iPhone 12", "iPhone 13", "iPhone 14", "iPhone 15", "iPhone 16", "iPad Air"),
    "android": ("Pixel 7", "Pixel 8", "Galaxy S22", "Galaxy S23", "Galaxy A54", "Xperia 5"),
    "web": ("Chrome on Windows", "Safari on Mac", "Firefox on Linux", "Edge on Windows"),
}
