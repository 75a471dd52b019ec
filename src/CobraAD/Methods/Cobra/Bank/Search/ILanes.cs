namespace CobraAD.Methods.Cobra.Bank.Search;

/// <summary>The arithmetic of one width of vector registers. Kernels are written once over it and compiled for each width.</summary>
/// <typeparam name="TVector">Several float32 numbers, one to a lane.</typeparam>
internal unsafe interface ILanes<TVector>
    where TVector : struct
{
    /// <summary>Lanes of a vector.</summary>
    static abstract int Count { get; }

    static abstract TVector Load(float* source);

    /// <summary>Loads whole numbers of 16 bits as float32, which holds each exactly.</summary>
    static abstract TVector Load(short* source);

    static abstract void Store(TVector vector, float* target);

    static abstract TVector Broadcast(float value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a·b + c, with one rounding or two.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    static abstract float Sum(TVector vector);

    /// <summary>A bit for each lane, lowest first, that is set unless a ≤ b; so it is set where either is not a number.</summary>
    static abstract uint NotAtMost(TVector a, TVector b);
}
