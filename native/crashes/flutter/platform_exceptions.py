TRANSFORMER = type("T",(),{"name":"x","needs":lambda s,e,a:frozenset(),"transform":lambda s,e,a:e})()
