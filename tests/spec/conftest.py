"""Property tests here make whole pipelines: on a busy machine that takes long, which is no fault."""

from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
