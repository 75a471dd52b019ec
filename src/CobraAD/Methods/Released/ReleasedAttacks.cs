using static TorchSharp.torch;

namespace CobraAD.Methods.Released;

/// <summary>The three attacked copies of a batch, [K b, 3, H, W] each.</summary>
/// <param name="ToOpposite">ATNT: the second view, moved to resemble the same image under another shift.</param>
/// <param name="FromPositive">ATPT: the first view, moved away from the second.</param>
/// <param name="ToOtherShift">RTP: the second view, moved to be taken for another shift.</param>
internal readonly record struct ReleasedAttacks(Tensor ToOpposite, Tensor FromPositive, Tensor ToOtherShift);
