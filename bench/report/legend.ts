/** What the words of a report mean, printed under every report that is read outside a terminal. */
export const legend = [
  {
    term: 'latency',
    definition:
      'from the moment a request was due to the moment its answer had been verified. A request that had to wait its turn counts that wait, so a stalled target cannot hide its stall.',
    chinese: [
      '延迟',
      '从请求应当发出的时刻到其应答核对完毕的时刻。排队等待的时间计算在内，因此停顿的目标无法掩盖其停顿。',
    ],
  },
  {
    term: 'service time',
    definition: 'from the moment a request was sent to the moment its answer had been verified.',
    chinese: ['服务时间', '从请求实际发出的时刻到其应答核对完毕的时刻。'],
  },
  {
    term: 'offered',
    definition: 'requests that the schedule made due, whether or not they could be sent.',
    chinese: ['应发', '按计划到期的请求，无论其是否能够发出。'],
  },
  {
    term: 'achieved',
    definition:
      'requests answered as they should be while others still became due, per second of that time, the duration. A backlog answered afterwards is not in it, and waiting for a lost answer takes nothing away.',
    chinese: [
      '达成',
      '在仍有请求到期的时间（即时长）内，每秒得到正确应答的请求数。其后才应答的积压不计入，等待丢失的应答也不使其降低。',
    ],
  },
  {
    term: 'latency floor',
    definition:
      'the latency that the harness measures against an echo server, a process of its own that answers at once. Phases near it, or near the rate reached there, say more of the harness than of the target.',
    chinese: [
      '延迟下限',
      '本工具对回声服务器（立即应答的独立进程）所测得的延迟。接近该延迟或接近其速率的阶段更多反映工具本身，而不是目标。',
    ],
  },
  {
    term: 'due',
    definition:
      'how many requests the schedule called for while measuring: those sent and those dropped. Clients in a closed loop make one due when they send it.',
    chinese: [
      '到期',
      '测量期间按计划应当发出的请求数：包括已发出的与丢弃的。闭环客户端在发出请求时即视为到期。',
    ],
  },
  {
    term: 'sent',
    definition: 'how many of those due were handed to the target, whatever came of them.',
    chinese: ['已发出', '到期请求中实际交给目标的数量，不论结果如何。'],
  },
  {
    term: 'dropped',
    definition:
      'requests that were due but never sent, because too many earlier ones were still waiting for their answer.',
    chinese: ['丢弃', '已到期但从未发出的请求，因为在途未应答的请求过多。'],
  },
  {
    term: 'wrong',
    definition:
      'answers that differ from what the harness knows to be registered. A single one fails the run.',
    chinese: ['错误应答', '与已注册内容不符的应答。只要有一个，本次运行即为失败。'],
  },
  {
    term: 'failed',
    definition:
      'requests that were sent and not answered as they should be: wrong answers, refusals, busy answers, time-outs and errors.',
    chinese: ['失败', '已发出但没有得到应有应答的请求：错误应答、拒绝、繁忙、超时与差错。'],
  },
  {
    term: 'invalid',
    definition:
      'the harness, not the target, was the limit during this phase: its numbers say nothing about the target and must not be quoted.',
    chinese: ['无效', '本阶段的限制来自测试工具而不是目标：其数字不能说明目标，不得引用。'],
  },
  {
    term: 'p50, p99, p99.9',
    definition:
      'half, 99 % and 99.9 % of the requests took at most this long. Over several operations, all answers count, whatever their outcome.',
    chinese: [
      'p50、p99、p99.9',
      '一半、99 % 和 99.9 % 的请求所用时间不超过此值。跨多种操作时，所有应答不论结果均计算在内。',
    ],
  },
  {
    term: 'disturbed',
    definition:
      'programs that are neither the harness nor the node took a good part of the machine during the phase. Where the threads of the node waited for a core, its latency holds that wait.',
    chinese: [
      '受干扰',
      '阶段内，除测试工具和节点之外的程序占用了本机相当一部分资源。节点线程等待处理器核的时间包含在其延迟之中。',
    ],
  },
  {
    term: 'hit ratio',
    definition:
      'the share of lookups during the phase that the cache of the node answered, by the counters of the node.',
    chinese: ['命中率', '阶段内由节点缓存应答的查询所占比例，取自节点自身的计数器。'],
  },
  {
    term: 'completed',
    definition: 'requests answered as they should be, in the second in which the answer came.',
    chinese: ['完成', '在应答到达的那一秒内得到正确应答的请求。'],
  },
  {
    term: 'scheduling lateness',
    definition:
      'how long after its due time the generator got round to a request. Latency holds it, because it counts from the due time.',
    chinese: ['调度滞后', '请求到期之后，生成器多久才处理到它。延迟从到期时刻算起，因此包含这段时间。'],
  },
  {
    term: 'event loop',
    definition:
      'the longest time in a second for which a generating process could not turn to anything new. Where it is long, the generator was late.',
    chinese: ['事件循环', '一秒之内，生成进程无法转而处理新事务的最长时间。若它很长，则生成器已滞后。'],
  },
  {
    term: 'cores busy',
    definition:
      'CPU seconds used in each second: by everything on the machine, and by the threads of the node.',
    chinese: ['占用核数', '每秒所用的 CPU 秒数：本机所有程序，以及节点的线程。'],
  },
  {
    term: 'heat map',
    definition:
      'each cell is the answers of one second that took a time between two bounds; the darker, the more. The lines are the median and the 99th percentile of each second.',
    chinese: [
      '热力图',
      '每一格是某一秒内耗时介于两个界限之间的应答数；颜色越深，数量越多。两条线是每秒的中位数与第 99 百分位数。',
    ],
  },
  {
    term: 'fault',
    definition:
      'what was done to the node on purpose; the band in a chart is the time from its beginning to its end.',
    chinese: ['故障', '有意对节点施加的破坏；图中的色带从其开始到结束。'],
  },
  {
    term: 'worst second served',
    definition:
      'correct answers that came in the worst second from the beginning of a fault until the node had recovered, as a share of what was due in it; the p99 beside it is the highest of those seconds.',
    chinese: [
      '最差一秒的应答率',
      '从故障开始到节点恢复之间最差的一秒内，到达的正确应答占该秒到期请求的比例；旁边的 p99 是这些秒中最高的。',
    ],
  },
  {
    term: 'recovered',
    definition:
      'the first whole second after the end of a fault in which nothing failed, at least 90 % of what was due was answered, and the p99 of latency was at most three times the usual one before the first fault. The time counts from the beginning of the fault.',
    chinese: [
      '恢复',
      '故障结束后的第一个整秒：其中没有失败，到期请求至少 90 % 得到应答，且延迟 p99 不超过首个故障之前通常值的三倍。时间从故障开始算起。',
    ],
  },
  {
    term: 'not observed',
    definition:
      'nothing was due in any whole second after the end of a fault, so that nobody knows what came of it: the phase is invalid.',
    chinese: ['未观察到', '故障结束后没有任何一个有请求到期的整秒，因此无从得知其后果：该阶段无效。'],
  },
  {
    term: 'acknowledged writes read again',
    definition:
      'records whose last write during the phase the node had confirmed, and about which it gave an answer afterwards.',
    chinese: ['重新读取的已确认写入', '阶段内最后一次写入得到节点确认、事后又得到节点应答的记录。'],
  },
  {
    term: 'acknowledged writes lost',
    definition:
      'writes that the node had confirmed and did not know any more afterwards. A single one fails the run.',
    chinese: ['已确认而丢失的写入', '节点已经确认、事后却不再知道的写入。只要有一个，本次运行即为失败。'],
  },
  {
    term: 'acknowledged writes not read',
    definition:
      'writes that the node had confirmed and that it gave no answer about afterwards, although asked several times, or before the run was interrupted. With a single one nobody knows whether something was lost: the phase is invalid.',
    chinese: [
      '未能读取的已确认写入',
      '节点已经确认、事后多次询问仍未应答，或因运行中断而未及询问的写入。只要有一个，就无从得知是否有丢失：该阶段无效。',
    ],
  },
  {
    term: 'error budget',
    definition:
      'the share of requests that may go without their answer by the objective, and how much of it was spent.',
    chinese: ['错误预算', '按目标允许得不到应有应答的请求所占比例，以及其中已经用掉的部分。'],
  },
  {
    term: 'knee',
    definition: 'the offered rate from which latency grows faster than the rate does.',
    chinese: ['拐点', '应发速率超过此值后，延迟比速率增长得更快。'],
  },
  {
    term: 'capacity',
    definition: 'the highest offered rate at which the objectives were met, confirmed by repeated runs.',
    chinese: ['容量', '满足目标的最高应发速率，经重复运行确认。'],
  },
  {
    term: 'closed loop',
    definition:
      'so many clients ask, each the next when the last was answered and thought over, so a slow target is asked less and its stalls cost the others nothing.',
    chinese: [
      '闭环',
      '若干客户端依次请求：上一个应答到达并经过思考时间后才发下一个，因此慢的目标被请求得更少，其停顿也不影响其他请求。',
    ],
  },
  {
    term: 'bulk',
    definition:
      'an operation that registers several identifiers in one request, or one by one where the target takes no batches; it is counted once, and its latency is that of all of them.',
    chinese: [
      '批量',
      '一次请求注册多个标识的操作；目标不支持批量时逐个注册。计为一次，延迟为全部完成的时间。',
    ],
  },
  {
    term: 'ceiling',
    definition:
      'each connection asks again as soon as it is answered, so a slow target is asked less: a ceiling, not a latency to quote.',
    chinese: [
      '上限',
      '每个连接得到应答后立即再次请求，因此慢的目标被请求得更少：它是上限，而不是可引用的延迟。',
    ],
  },
] as const

/** What the words of a gate mean, besides its metrics. */
export const gateLegend = [
  {
    term: 'interval',
    definition:
      'the ratio of candidate to baseline lies between its bounds with the confidence that is told; all that counts together keep that confidence.',
    chinese: ['区间', '候选与基线之比以所示的置信度位于其上下界之间；所有计入的指标合起来保持该置信度。'],
  },
  {
    term: 'regressed',
    definition: 'the whole interval lies beyond the smallest change that counts, on the worse side.',
    chinese: ['退化', '整个区间都在计入的最小变化之外，且更差。'],
  },
  {
    term: 'improved',
    definition: 'the whole interval lies beyond the smallest change that counts, on the better side.',
    chinese: ['改善', '整个区间都在计入的最小变化之外，且更好。'],
  },
  {
    term: 'unchanged',
    definition: 'the whole interval lies within the smallest change that counts.',
    chinese: ['未变', '整个区间都在计入的最小变化之内。'],
  },
  {
    term: 'inconclusive',
    definition: 'the interval is too wide to say any of these.',
    chinese: ['未定', '区间太宽，无法得出以上任何结论。'],
  },
] as const
