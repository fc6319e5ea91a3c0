import Upstream
