using System.Runtime.Intrinsics;

namespace CobraAD.Methods.Cobra.Bank.Search;

/// <summary>Registers of 512 bits: AVX-512.</summary>
internal readonly unsafe struct Lanes512 : ILanes<Vector512<float>>
{
    public static int Count => Vector512<float>.Count;

    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    public static Vector512<float> Load(short* source) => Vector512.ConvertToSingle(Vector512.WidenLower(Vector256.Load(source).ToVector512Unsafe()));

    public static void Store(Vector512<float> vector, float* target) => vector.Store(target);

    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.MultiplyAddEstimate(a, b, c);

    public static float Sum(Vector512<float> vector) => Vector512.Sum(vector);

    public static uint NotAtMost(Vector512<float> a, Vector512<float> b) => (uint)Vector512.ExtractMostSignificantBits(~Vector512.LessThanOrEqual(a, b));
}
