/** What identifiers of one application look like: dictionaries from which the record generator composes. */
export type RecordKind = {
  readonly name: RecordKindName
  /** What stands between the prefix and the serial; the count is a power of two. */
  readonly stems: readonly string[]
  readonly urlBase: string
  /** Undefined where the default of the protocol is meant. */
  readonly urlTtlSeconds: number | undefined
  /** What a record may tell besides its URL, at indexes 2, 3 and 4; eight words each. */
  readonly fields: readonly [RecordField, RecordField, RecordField]
  /** The value that changes while the thing lives, at index 5; eight words. */
  readonly state: RecordField
}

type RecordKindName = 'supply-chain' | 'traceability' | 'life-cycle' | 'city-asset'

/** A typed value: one of its words, followed by a code of its own where `coded`. */
export type RecordField = {
  readonly type: string
  readonly words: readonly string[]
  readonly coded: boolean
  readonly ttlSeconds?: number
}

/** How many stems each kind has: a power of two, so that bits of a hash choose one. */
export const stemsPerKind = 256

/** One stem in sixteen is Chinese, as an assumption: no published figure was found for free suffixes. */
const chineseStemEvery = 16

const traceability: RecordKind = {
  name: 'traceability',
  stems: stemsOf({
    latin: (number) => `01/${gtin14(number)}/21/`,
    chinese: (number) => `追溯/酥梨${number}/`,
  }),
  urlBase: 'https://trace.example.com/t/',
  urlTtlSeconds: 3600,
  fields: [
    words(
      'PRODUCT',
      '砀山酥梨',
      '黄山毛峰',
      '六安瓜片',
      '祁门红茶',
      '宣纸四尺',
      'Infant formula',
      '古井贡酒',
      '霍山石斛',
    ),
    codes('BATCH', 'L2401', 'L2402', 'L2403', 'L2404', 'L2405', 'L2406', 'L2407', 'L2408'),
    codes('CERTIFICATE', 'GB/T ', '绿食', '有机', 'HACCP ', 'ISO ', 'QS', 'SC', '地标'),
  ],
  state: state('STATUS', 600, '生产', '入库', '在途', '上架', '已售', '召回', '退货', '过期'),
}

const supplyChain: RecordKind = {
  name: 'supply-chain',
  stems: stemsOf({ latin: (number) => `SC.${4000 + number}.`, chinese: (number) => `物流/${number}号线/` }),
  urlBase: 'https://logistics.example.com/unit/',
  urlTtlSeconds: undefined,
  fields: [
    words(
      'CARRIER',
      '合肥中转',
      '芜湖港',
      '铜陵有色',
      '安庆石化',
      'Ma’anshan Steel',
      '蚌埠玻璃',
      '滁州家电',
      '宿州纺织',
    ),
    codes('ORDER', 'PO-24-', 'PO-25-', 'SO-24-', 'SO-25-', 'RMA-', 'ASN-', 'DN-', 'GR-'),
    codes('CONTAINER', 'CSQU', 'COSU', 'MSKU', 'TGHU', 'CBHU', 'OOLU', 'FCIU', 'HLXU'),
  ],
  state: state('LOCATION', 300, '原料仓', '产线', '成品仓', '装车', '运输', '海关', '分拨', '签收'),
}

const lifeCycle: RecordKind = {
  name: 'life-cycle',
  stems: stemsOf({
    latin: (number) => `EQ-XYGS-${1000 + number}-`,
    chinese: (number) => `设备-数控${number}-`,
  }),
  urlBase: 'https://plant.example.com/equipment/',
  urlTtlSeconds: 43_200,
  fields: [
    words(
      'MODEL',
      'CK6150 车床',
      'VMC850',
      '5 MW 风机',
      'HT-200 注塑机',
      '挖掘机 XE215',
      '水泵 IS80',
      '电机 Y2',
      '变压器',
    ),
    codes('DRAWING', 'DWG-A', 'DWG-B', 'DWG-C', 'DWG-D', 'BOM-A', 'BOM-B', 'ECN-A', 'ECN-B'),
    codes(
      'OWNER',
      '91340100MA',
      '91340200MA',
      '91340300MA',
      '91340500MA',
      '9134A',
      '9134B',
      '9134C',
      '9134D',
    ),
  ],
  state: state('PHASE', 3600, '设计', '制造', '安装', '运行', '保养', '维修', '停用', '报废'),
}

const cityAsset: RecordKind = {
  name: 'city-asset',
  stems: stemsOf({
    latin: (number) => `CITY.${340100 + (number & 15)}.${number >> 4}.`,
    chinese: (number) => `城市部件/井盖${number}/`,
  }),
  urlBase: 'https://city.example.com/a/',
  urlTtlSeconds: 1800,
  fields: [
    words('ASSET', '路灯', '井盖', '消防栓', '摄像头', '公交站', '垃圾箱', '行道树', '充电桩'),
    codes('GRID', '340102', '340103', '340104', '340111', '340121', '340122', '340123', '340124'),
    codes('SENSOR', 'NB-', 'LORA-', '5G-', 'ETH-', 'ZIG-', 'RF-', 'BLE-', 'CAT1-'),
  ],
  state: state('CONDITION', 900, '完好', '待检', '告警', '故障', '维修', '更换', '停用', '拆除'),
}

/** The kinds by the top four bits of an identifier's hash; the shares 7 : 4 : 3 : 2 are an assumption. */
export const kindsBySixteenths: readonly RecordKind[] = [
  ...Array<RecordKind>(7).fill(traceability),
  ...Array<RecordKind>(4).fill(supplyChain),
  ...Array<RecordKind>(3).fill(lifeCycle),
  ...Array<RecordKind>(2).fill(cityAsset),
]

type StemForms = { latin(number: number): string; chinese(number: number): string }

function stemsOf(forms: StemForms): readonly string[] {
  return Array.from({ length: stemsPerKind }, (_, number) =>
    number % chineseStemEvery === 0 ? forms.chinese(number) : forms.latin(number),
  )
}

/** A GTIN-14 with its check digit (GS1 General Specifications 7.9), in the 690 range of GS1 China. */
function gtin14(number: number): string {
  const body = `06901234${String(number).padStart(5, '0')}`
  const sum = [...body].reduce(
    (total, digit, position) => total + Number(digit) * (position % 2 === 0 ? 3 : 1),
    0,
  )
  return `${body}${(10 - (sum % 10)) % 10}`
}

function words(type: string, ...dictionary: string[]): RecordField {
  return { type, words: dictionary, coded: false }
}

function codes(type: string, ...dictionary: string[]): RecordField {
  return { type, words: dictionary, coded: true }
}

function state(type: string, ttlSeconds: number, ...dictionary: string[]): RecordField {
  return { type, words: dictionary, coded: false, ttlSeconds }
}
