-- The landed files that core holds: what need not be loaded again.
-- reads: ops.landed_files
-- writes: none
select path
from ops.landed_files
