using System.Runtime.Intrinsics;

namespace CobraAD.Methods.Cobra.Bank.Search;

/// <summary>Registers of 256 bits: AVX2.</summary>
internal readonly unsafe struct Lanes256 : ILanes<Vector256<float>>
{
    public static int Count => Vector256<float>.Count;

    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    public static Vector256<float> Load(short* source) => Vector256.ConvertToSingle(Vector256.WidenLower(Vector128.Load(source).ToVector256Unsafe()));

    public static void Store(Vector256<float> vector, float* target) => vector.Store(target);

    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.MultiplyAddEstimate(a, b, c);

    public static float Sum(Vector256<float> vector) => Vector256.Sum(vector);

    public static uint NotAtMost(Vector256<float> a, Vector256<float> b) => (uint)Vector256.ExtractMostSignificantBits(~Vector256.LessThanOrEqual(a, b));
}
