# language: zh-CN
功能: 准备好的故障
  自检第一句说出真正的原因，不被它带来的小毛病盖过；修好以后就不再说。

  背景:
    假如 一台空闲的自助机

  @P7
  场景大纲: 第一句说的是真正的原因
    当 自助机有故障“<故障>”
    那么 自检第一句是事件“<事件>”

    例子:
      | 故障                     | 事件                                |
      | 出纸口后面卡纸           | device.receipt-printer.paper-jammed |
      | 读卡器数据线坏了         | device.any.damaged-line             |
      | 网络通，平台故障         | platform.ill                        |
      | 交换机坏了               | network.hall                        |
      | 停电，UPS 供电           | cabinet.on-battery                  |
      | 磁盘满了                 | storage.refuses                     |

  @P7
  场景: 插线板断电，插回去以后一切正常
    当 自助机有故障“power-strip-off”
    那么 自检第一句是事件“device.any.strip”
    当 自助机的故障修好了
    那么 自检第一句是事件“”
